//! Assertions: what they claim is proved, refuted or left open, and said so.

use crate::analysis::analyze;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Assertion, Claim, Converter, Property};
use crate::sizes;

use super::{Answer, Decision, equal, property};

/// Decides an assertion. Free sizes that are among `given` have that value; the claim then is one about these only.
///
/// # Errors
/// What is wrong with the converters that it is about.
pub fn decide(assertion: &Assertion, given: &[(String, i64)]) -> Result<Answer, Vec<Diagnostic>> {
    let compiles = |converter: &Converter| {
        let bindings = sizes::bake(converter)?;
        analyze(converter, &bindings).map(|_| bindings)
    };
    match &assertion.claim {
        Claim::Equal(f, g) => {
            compiles(f)?;
            compiles(g)?;
            Ok(equal(f, g, given))
        }
        Claim::Property(property, converter) => {
            let bindings = compiles(converter)?;
            if given.is_empty() {
                return property::decide(*property, converter, &bindings);
            }
            // Sizes that the converter does not accept refute nothing.
            let decided = sizes::bind_own(converter, given)
                .and_then(|bindings| property::decide(*property, converter, &bindings));
            Ok(decided.unwrap_or_else(|_| Answer::proved(Decision::Symbolic)))
        }
    }
}

/// What there is to say about an assertion that was not proved.
pub fn report(assertion: &Assertion, answer: &Answer) -> Option<Diagnostic> {
    let mut diagnostic = match answer.holds {
        Some(true) => return None,
        Some(false) => Diagnostic::new(
            answer.code.unwrap_or(Code::NotEqual),
            assertion.span,
            format!("it is not true that {}", claim(assertion)),
        )
        .label("does not hold"),
        None => Diagnostic::new(
            Code::AssertionOpen,
            assertion.span,
            format!("cannot decide whether {}", claim(assertion)),
        )
        .label("neither proved nor refuted")
        .note("it is decided where the sizes have values: `check --set …`")
        .help("state what is known of the sizes by `requires`, or give values to some of them"),
    };
    diagnostic.notes.extend(answer.notes.iter().cloned());
    let about = match &assertion.claim {
        Claim::Equal(f, g) => vec![f, g],
        Claim::Property(_, converter) => vec![converter],
    };
    for converter in about {
        let name = &converter.name;
        // What a chain in the assertion makes is declared there.
        if !(assertion.span.start..assertion.span.end).contains(&name.span.start) {
            diagnostic = diagnostic.secondary(name.span, "declared here");
        }
    }
    Some(diagnostic)
}

/// What is claimed, in words.
fn claim(assertion: &Assertion) -> String {
    match &assertion.claim {
        Claim::Equal(f, g) => format!("{} equals {}", f.name.text, g.name.text),
        Claim::Property(property, converter) => {
            let is = match property {
                Property::Bijective => "is bijective",
                Property::Injective => "reads no element twice",
                Property::Surjective => "reads every element",
                Property::InBounds => "reads inside its input only",
            };
            format!("{} {is}", converter.name.text)
        }
    }
}
