//! An explanation for people.

use convgrad_dsl::explain::{Explanation, Step};
use convgrad_dsl::proof::Decision;
use convgrad_dsl::sema::model::{Converter, Elements};
use convgrad_dsl::sizes::Source;

use crate::render;

/// The sizes of elements whose bytes are told.
const ELEMENTS: [i64; 4] = [1, 2, 4, 8];

/// The whole page.
pub(super) fn page(converter: &Converter, explanation: &Explanation) -> String {
    let mut page = String::new();
    for line in &converter.docs {
        page += &format!("//{line}\n");
    }
    if let Some(chain) = &explanation.chain {
        page += &format!("// derived from {chain}\n");
    }
    page += &explanation.formula;
    page.push('\n');
    let sections = [
        ("Sizes", sizes(explanation)),
        ("Digits", digits(explanation)),
        ("Moves", moves(converter.elements, explanation)),
        ("Why it is fast or not", list(&explanation.reasons)),
        ("Proofs", proofs(explanation)),
        ("Every call checks once", obligations(explanation)),
        ("Loops", indent(&explanation.nest)),
    ];
    for (title, body) in sections {
        if !body.is_empty() {
            page += &format!("\n{title}\n{body}");
        }
    }
    page
}

fn sizes(explanation: &Explanation) -> String {
    let axis = |axis: usize| format!("axis {axis} of {}", explanation.input.name);
    let rows = explanation.sizes.iter().map(|size| {
        let source = match &size.source {
            Source::Baked => "given in the text".to_owned(),
            Source::Derived => "made of other sizes".to_owned(),
            Source::Given => "given by --set".to_owned(),
            Source::Extent { axis: at } => format!("the extent of {}", axis(*at)),
            Source::Multiple { axis: at } => format!(
                "the exact multiple that fits {}, unless the caller gives another",
                axis(*at)
            ),
            Source::Fits { axes } => {
                let axes: Vec<String> = axes.iter().map(|&at| axis(at)).collect();
                format!(
                    "from {}, where only one value fits, otherwise given by the caller",
                    axes.join(" and ")
                )
            }
            Source::Caller => "given by the caller: the input does not tell".to_owned(),
        };
        let value = size.value.as_ref().map_or("free", |step| &step.text);
        vec![size.name.clone(), value.to_owned(), source]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    match rows.is_empty() {
        true => String::new(),
        false => render::table(["size", "value", "where it comes from"], rows, 3),
    }
}

fn digits(explanation: &Explanation) -> String {
    let (x, y) = (&explanation.input.name, &explanation.output.name);
    let table = &explanation.digits;
    let step = |step: &Step| match step.is(0) {
        true => "-".to_owned(),
        false => step.text.clone(),
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut last = "";
    for digit in &table.digits {
        let iterator = match digit.iterator == last {
            true => "",
            false => &digit.iterator,
        };
        last = &digit.iterator;
        let ragged = if digit.ragged { " (ragged)" } else { "" };
        rows.push(vec![
            iterator.to_owned(),
            digit.name.clone(),
            digit.value.clone(),
            format!("{}{ragged}", digit.extent.text),
            step(&digit.output),
            step(&digit.input),
        ]);
    }
    for whole in &table.wholes {
        rows.push(vec![
            String::new(),
            "computed".to_owned(),
            whole.value.clone(),
            "-".to_owned(),
            step(&whole.output),
            step(&whole.input),
        ]);
    }
    let mut text = String::new();
    if !rows.is_empty() {
        let header = [
            "iterator".to_owned(),
            "digit".to_owned(),
            "is".to_owned(),
            "values".to_owned(),
            format!("step in {y}"),
            format!("step in {x}"),
        ];
        text += &render::table(header, rows, 3);
    }
    let indices = |name: &str, indices: &[String]| format!("{name}[{}]", indices.join(", "));
    text += &format!(
        "{} = {}\n",
        indices(y, &table.left),
        indices(x, &table.source)
    );
    text
}

fn moves(types: Option<Elements>, explanation: &Explanation) -> String {
    let (x, y) = (&explanation.input, &explanation.output);
    let moves = &explanation.moves;
    let amount = |step: &Option<Step>| match step {
        Some(step) => elements(&step.text),
        None => format!("at most {}", elements(&y.elements.text)),
    };
    let longest: Vec<&str> = moves.longest.iter().map(|s| s.text.as_str()).collect();
    let mut lines = vec![
        format!(
            "reads {}; {} has {}",
            amount(&moves.read),
            x.name,
            x.elements.text
        ),
        match &moves.written {
            Some(written) => format!("writes {} of {}", elements(&written.text), y.name),
            None => format!("writes all of {}, and once more what is read", y.name),
        },
    ];
    if !moves.filled.as_ref().is_some_and(|filled| filled.is(0)) {
        lines.push(format!("fills {}", amount(&moves.filled)));
    }
    lines.push(format!(
        "longest contiguous run: {}",
        elements(&longest.join(" or "))
    ));
    if let ([longest], Some(runs)) = (moves.longest.as_slice(), moves.runs) {
        let bytes = |size: i64| longest.number.map(|n| n.saturating_mul(size).to_string());
        let bytes: Vec<String> = match types {
            Some(types) => bytes(types.input.bytes()).into_iter().collect(),
            None => ELEMENTS.into_iter().filter_map(bytes).collect(),
        };
        let of = match types {
            Some(types) => types.input.to_string(),
            None => "elements of 1, 2, 4, 8 bytes".to_owned(),
        };
        lines.push(format!(
            "that is {} bytes for {of}; {runs} runs in all",
            bytes.join(", ")
        ));
    }
    if let Some(share) = moves.share_of_copy {
        lines.push(format!(
            "predicted speed: about {share} % of a plain copy of as many bytes"
        ));
    }
    if let Some(types) = types {
        let (input, output) = (types.input, types.output);
        if let Some((read, written)) = moves.bytes_of(input.bytes(), output.bytes()) {
            lines.push(format!(
                "bytes moved: {read} read as {input}, {written} written as {output}"
            ));
        }
        return list(&lines);
    }
    let bytes: Vec<String> = ELEMENTS
        .iter()
        .filter_map(|&size| moves.bytes(size))
        .map(|bytes| bytes.to_string())
        .collect();
    if !bytes.is_empty() {
        lines.push(format!(
            "bytes moved, reads and writes: {} for elements of 1, 2, 4, 8 bytes",
            bytes.join(", ")
        ));
    }
    list(&lines)
}

/// `1 element`, `16 elements`
fn elements(count: &str) -> String {
    match count {
        "1" => "1 element".to_owned(),
        count => format!("{count} elements"),
    }
}

fn proofs(explanation: &Explanation) -> String {
    let verdicts = &explanation.analysis.verdicts;
    let word = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "open",
    };
    let how = match verdicts.decided_by {
        Decision::Symbolic => "decided in closed form",
        Decision::Enumeration => "decided by trying all positions",
        Decision::Undecided => {
            "open: depends on sizes that are not given (--set), or takes too many trials"
        }
    };
    list(&[
        format!("in bounds    {}", word(verdicts.in_bounds)),
        format!("injective    {}", word(verdicts.injective)),
        format!("surjective   {}", word(verdicts.surjective)),
        format!("bijective    {}", word(verdicts.bijective)),
        how.to_owned(),
    ])
}

fn obligations(explanation: &Explanation) -> String {
    let obligations = explanation.analysis.obligations.iter();
    list(&obligations.map(|o| o.text.clone()).collect::<Vec<_>>())
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
