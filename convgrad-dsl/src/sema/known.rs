//! Items of the library, resolved once: what becomes of one depends on nothing but the library.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::things::Thing;
use crate::source::Span;
use crate::transform::Respan;

thread_local! {
    /// By name, as they were made for the place that asked first.
    static KNOWN: RefCell<FxHashMap<String, Thing>> = RefCell::default();
}

/// What becomes of an item of the library, for a place of the text: what is known, said to stand there, or what is made now.
pub(super) fn of_library(
    name: &str,
    span: Span,
    make: impl FnOnce() -> Option<Thing>,
) -> Option<Thing> {
    let known = KNOWN.with_borrow(|known| known.get(name).cloned());
    if let Some(mut thing) = known {
        thing.respan(span);
        return Some(thing);
    }
    let made = make()?;
    KNOWN.with_borrow_mut(|known| known.insert(name.to_owned(), made.clone()));
    Some(made)
}

impl Respan for Thing {
    fn respan(&mut self, span: Span) {
        match self {
            Thing::Layout(layout) => layout.respan(span),
            Thing::Converter(converter) => converter.respan(span),
            Thing::Convolution(name) => *name = span,
            Thing::Broken => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compile::compile;
    use crate::library;

    /// What is known gives what is made anew, wherever it is asked for and whatever it is called.
    #[test]
    fn the_library_does_not_depend_on_who_asked_before() {
        for item in library::items() {
            let text = format!("  use std::{} as other;", item.name);
            let anew = {
                let text = text.clone();
                std::thread::spawn(move || format!("{:?}", compile(&text)))
            };
            compile(&format!("use std::{};", item.name));
            let known = format!("{:?}", compile(&text));
            assert!(anew.join().unwrap() == known, "{}", item.name);
        }
    }
}
