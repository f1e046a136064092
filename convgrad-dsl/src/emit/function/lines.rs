//! Code on its way to a page: indented, and wrapped where a line would be too long.

/// Longer lines are broken.
const WIDTH: usize = 100;

/// Lines of code.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    /// Lines that begin inside so many braces.
    pub(super) fn inside(depth: usize) -> Self {
        Lines {
            text: String::new(),
            depth,
        }
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An empty line, unless there is one already or a block has just begun.
    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// A line of code.
    pub(super) fn line(&mut self, code: &str) {
        let indent = "    ".repeat(self.depth);
        let mut rest = code.to_owned();
        let mut lead = indent.clone();
        while lead.len() + rest.chars().count() > WIDTH {
            let Some(at) = break_at(&rest, WIDTH.saturating_sub(lead.len())) else {
                break;
            };
            let tail = rest.split_off(at);
            self.push(&lead, rest.trim_end());
            rest = tail;
            lead = format!("{indent}    ");
        }
        self.push(&lead, &rest);
    }

    /// Lines that stay as they are, apart from their place.
    pub(super) fn verbatim(&mut self, text: &str) {
        let indent = "    ".repeat(self.depth);
        for line in text.lines() {
            self.push(&indent, line);
        }
    }

    /// A comment, `lead` before every line.
    pub(super) fn comment(&mut self, lead: &str, text: &str) {
        let width = WIDTH
            .saturating_sub(4 * self.depth + lead.len() + 1)
            .max(40);
        for line in text.lines() {
            for line in filled(line, width) {
                self.verbatim(format!("{lead} {line}").trim_end());
            }
        }
    }

    /// The begin of a block: ` {` follows.
    pub(super) fn open(&mut self, head: &str) {
        match head {
            "" => self.line("{"),
            head => self.line(&format!("{head} {{")),
        }
        self.depth += 1;
    }

    /// The end of a block.
    pub(super) fn close(&mut self) {
        self.close_with("");
    }

    /// The end of a block and what follows it on the line.
    pub(super) fn close_with(&mut self, rest: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(&format!("}}{rest}"));
    }

    /// The end of one block and the begin of another: `} else {`.
    pub(super) fn next(&mut self, middle: &str) {
        self.close_with(&format!(" {middle} {{"));
        self.depth += 1;
    }

    fn push(&mut self, lead: &str, line: &str) {
        if !line.is_empty() {
            self.text += lead;
            self.text += line;
        }
        self.text.push('\n');
    }
}

/// Where a line of code is best broken: as late as it fits, inside as few parentheses as possible.
fn break_at(code: &str, width: usize) -> Option<usize> {
    let mut depth = 0i32;
    let mut quoted = false;
    let mut best: Option<(i32, usize)> = None;
    for (at, c) in code.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ' ' if !quoted && at > width / 3 && at < width => {
                let (before, after) = (&code[..at], &code[at + 1..]);
                let good = before.ends_with([',', '=', ';'])
                    || ["+ ", "- ", "&& ", "|| ", "? ", ": "]
                        .iter()
                        .any(|sign| after.starts_with(sign));
                if good && best.is_none_or(|(least, _)| depth <= least) {
                    best = Some((depth, at + 1));
                }
            }
            _ => {}
        }
    }
    best.map(|(_, at)| at)
}

/// Words put into lines of a width; the lines of a list are indented where they go on.
pub(super) fn filled(text: &str, width: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let further = match indent.is_empty() && !text.starts_with("- ") {
        true => String::new(),
        false => format!("{indent}  "),
    };
    if text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let empty = line.trim().is_empty();
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, further.clone()));
        } else if !empty {
            line.push(' ');
        }
        line += word;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_outside_of_parentheses() {
        let mut lines = Lines::inside(1);
        let (a, b) = ("a".repeat(30), "b".repeat(30));
        lines.line(&format!("x = f({a}, {b}) + g({b}, {a});"));
        assert_eq!(
            lines.finish(),
            format!("    x = f({a}, {b})\n        + g({b}, {a});\n")
        );
    }

    #[test]
    fn what_cannot_be_broken_stays() {
        let mut lines = Lines::default();
        lines.line(&"x".repeat(200));
        assert_eq!(lines.finish().len(), 201);
    }

    #[test]
    fn comments_are_filled() {
        assert_eq!(filled("  a bb ccc", 7), ["  a bb", "    ccc"]);
        assert_eq!(filled("", 7), [""]);
    }
}
