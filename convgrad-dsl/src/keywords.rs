//! Words that cannot be names in generated code.

/// Keywords of Rust: strict, reserved, and `union`, which reads like one. In order.
#[rustfmt::skip]
const RUST: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

/// Keywords of C11 (those with an underscore aside, which are no names by convention) and of C++, since headers meet both.
/// In order.
#[rustfmt::skip]
const C: &[&str] = &[
    "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue", "default", "delete", "do",
    "double", "else", "enum", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long",
    "namespace", "new", "nullptr", "operator", "private", "protected", "public", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "true", "try", "typedef",
    "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "while",
];

/// Whether a word is a keyword of Rust.
pub(crate) fn is_rust(word: &str) -> bool {
    RUST.binary_search(&word).is_ok()
}

/// Whether a word is a keyword of C or C++.
pub(crate) fn is_c(word: &str) -> bool {
    C.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_languages() {
        assert!(RUST.is_sorted() && C.is_sorted());
        for word in ["fn", "self", "Self", "type", "yield"] {
            assert!(is_rust(word) && !is_c(word), "{word}");
        }
        for word in ["int", "restrict", "class", "auto"] {
            assert!(is_c(word) && !is_rust(word), "{word}");
        }
        for word in ["", " ", "N", "forward", "c1"] {
            assert!(!is_c(word) && !is_rust(word), "{word}");
        }
    }
}
