//! The names that an expression may use, and what to say of those it may not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::model::{DefId, IterId, SizeId};
use super::names::{listing, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Name, Span};

/// The words that no size, iterator or `where` name may be.
pub(super) const RESERVED: [&str; 11] = [
    "if", "else", "for", "where", "requires", "by", "floor", "ceil", "min", "max", "abs",
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Size(SizeId),
    Iterator(IterId),
    Definition(DefId),
    /// A name whose declaration is wrong, which has been reported.
    Broken,
}

impl Meaning {
    /// What people call it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Meaning::Size(_) => "size",
            Meaning::Iterator(_) => "iterator",
            Meaning::Definition(_) | Meaning::Broken => "`where` name",
        }
    }
}

/// What an expression is part of; it decides what is said of unknown names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Extents, `requires`, values of sizes, limits of ranges: sizes only.
    Sizes,
    /// A rule whose iterators are declared by its left side or by `for`.
    Rule,
    /// A relational rule without `for`: iterators are declared by standing alone as a source index.
    Implicit,
    /// The physical coordinates of a layout, or the logical ones behind `by`.
    Coordinates,
}

/// Names in scope.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) place: Place,
    names: BTreeMap<String, (Meaning, Span)>,
    /// In the order of declaration, for messages.
    order: Vec<String>,
    /// Names that exist, but not here: iterators and `where` names, where only sizes may stand.
    pub(super) elsewhere: Vec<(Name, &'static str)>,
    /// Iterators whose range is unknown, which has been reported: once is enough.
    reported: RefCell<BTreeSet<String>>,
}

impl Scope {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            names: BTreeMap::new(),
            order: Vec::new(),
            elsewhere: Vec::new(),
            reported: RefCell::default(),
        }
    }

    /// Declares a name; an earlier one of the same spelling stays.
    pub(super) fn declare(&mut self, name: &Name, meaning: Meaning) {
        if !self.names.contains_key(&name.text) {
            self.names.insert(name.text.clone(), (meaning, name.span));
            self.order.push(name.text.clone());
        }
    }

    /// What a name stands for, and where it is declared.
    pub(super) fn get(&self, name: &str) -> Option<(Meaning, Span)> {
        self.names.get(name).copied()
    }

    /// The names in the order of declaration.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// What to say of a name that is not in scope; None if it has been said.
    pub(super) fn unknown(&self, name: &str, span: Span) -> Option<Diagnostic> {
        let diagnostic = self.describe(name, span);
        let new = diagnostic.code != Code::IteratorNotAlone
            || self.reported.borrow_mut().insert(name.to_owned());
        new.then_some(diagnostic)
    }

    fn describe(&self, name: &str, span: Span) -> Diagnostic {
        let near = nearest(name, self.in_order());
        let in_scope = format!("in scope: {}", listing(self.in_order()));
        if let Some((declared, what)) = self.elsewhere.iter().find(|(n, _)| n.text == name) {
            return Diagnostic::new(Code::UnknownSize, span, format!("`{name}` is no size"))
                .label("only sizes and numbers may stand here")
                .secondary(declared.span, format!("this is {what}"))
                .note(in_scope);
        }
        let suggestion = near.map(|n| format!("did you mean `{n}`?"));
        match self.place {
            Place::Sizes => {
                Diagnostic::new(Code::UnknownSize, span, format!("unknown size `{name}`"))
                    .label("not among the sizes")
                    .note(in_scope)
                    .help(
                        suggestion
                            .unwrap_or_else(|| format!("declare it in the sizes: `<…, {name}>`")),
                    )
            }
            Place::Implicit if suggestion.is_none() => {
                let message = format!("iterator `{name}` stands alone as no source index");
                Diagnostic::new(Code::IteratorNotAlone, span, message)
                    .label("it is not known how far it ranges")
                    .note("without `for`, each iterator stands alone as exactly one source index and ranges over that axis")
                    .help(format!("say how far it ranges: `for {name} < …`"))
            }
            Place::Coordinates => {
                Diagnostic::new(Code::UnknownName, span, format!("unknown name `{name}`"))
                    .label("neither a size nor an iterator")
                    .note(in_scope)
                    .help(suggestion.unwrap_or_else(|| "use sizes and iterators".to_owned()))
            }
            Place::Rule | Place::Implicit => {
                Diagnostic::new(Code::UnknownName, span, format!("unknown name `{name}`"))
                    .label("not declared")
                    .note(in_scope)
                    .help(suggestion.unwrap_or_else(|| format!("define it: `where {name} = …`")))
            }
        }
    }
}

/// Says of a name that it is a word of the language, if it is one that may not be declared.
pub(super) fn reserved(name: &Name, what: &str) -> Option<Diagnostic> {
    RESERVED.contains(&name.text.as_str()).then(|| {
        let role = if RESERVED[6..].contains(&name.text.as_str()) {
            "a function"
        } else {
            "a word of the language"
        };
        Diagnostic::new(
            Code::ReservedName,
            name.span,
            format!("`{}` cannot name {what}", name.text),
        )
        .label(format!("this is {role}"))
        .help("choose another name")
    })
}

/// Says that a name is already taken by another kind of thing.
pub(super) fn shadows(name: &Name, what: &str, taken: Meaning, span: Span) -> Diagnostic {
    let message = format!(
        "{what} `{}` hides the {} of the same name",
        name.text,
        taken.word()
    );
    Diagnostic::new(Code::Shadowing, name.span, message)
        .label("already taken")
        .secondary(span, format!("the {}", taken.word()))
        .help("choose another name")
}
