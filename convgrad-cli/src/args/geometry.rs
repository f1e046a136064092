//! `--stride`, `--pad`, `--dilation` and `--groups`, as numbers that nobody has checked yet.

use clap::Args;

use crate::short;

/// The options that the arrays of a convolution do not tell.
#[derive(Args, Debug)]
pub(crate) struct GeometryArgs {
    /// Strides: one number, or rows,columns
    #[arg(long, value_name = "S|SH,SW", default_value = "1", value_parser = pair, allow_hyphen_values = true)]
    pub(crate) stride: [i64; 2],
    /// Padding: one number, rows,columns, or top,bottom,left,right
    #[arg(long, value_name = "P|PH,PW|T,B,L,R", default_value = "0", value_parser = sides, allow_hyphen_values = true)]
    pub(crate) pad: [i64; 4],
    /// Dilations: one number, or rows,columns
    #[arg(long, value_name = "D|DH,DW", default_value = "1", value_parser = pair, allow_hyphen_values = true)]
    pub(crate) dilation: [i64; 2],
    /// Groups of channels that are convolved apart
    #[arg(
        long,
        value_name = "G",
        default_value_t = 1,
        allow_hyphen_values = true
    )]
    pub(crate) groups: i64,
}

fn numbers(text: &str) -> Result<Vec<i64>, String> {
    text.split(',')
        .map(|number| {
            let number = number.trim();
            number
                .parse()
                .map_err(|_| format!("`{number}` is not an integer"))
        })
        .collect()
}

fn pair(text: &str) -> Result<[i64; 2], String> {
    short::pair(&numbers(text)?)
}

fn sides(text: &str) -> Result<[i64; 4], String> {
    short::sides(&numbers(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_fill_up() {
        assert_eq!(pair("2"), Ok([2, 2]));
        assert_eq!(pair("2, 3"), Ok([2, 3]));
        assert_eq!(sides("1"), Ok([1; 4]));
        assert_eq!(sides("1,2"), Ok([1, 1, 2, 2]));
        assert_eq!(sides("1,2,0,-3"), Ok([1, 2, 0, -3]));
    }

    #[test]
    fn wrong_counts_and_words_are_refused() {
        assert_eq!(
            pair("1,2,3"),
            Err("expected 1 or 2 numbers, found 3".into())
        );
        assert_eq!(
            sides("1,2,3"),
            Err("expected 1, 2 or 4 numbers, found 3".into())
        );
        assert_eq!(sides("x"), Err("`x` is not an integer".into()));
        assert_eq!(pair(""), Err("`` is not an integer".into()));
    }
}
