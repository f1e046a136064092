//! The terms of a polynomial. Most have one or none, which need no memory; several are shared by all copies.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use smallvec::SmallVec;

use super::monomial::Monomial;

/// A monomial and its coefficient.
pub(super) type Term = (Monomial, i128);

/// Terms while they are put together.
pub(super) type Parts = SmallVec<[Term; 4]>;

/// Terms that do not change any more.
#[derive(Clone, Debug, Default)]
pub(super) enum Terms {
    #[default]
    None,
    One(Term),
    Several(Rc<[Term]>),
}

impl Deref for Terms {
    type Target = [Term];

    fn deref(&self) -> &[Term] {
        match self {
            Terms::None => &[],
            Terms::One(term) => std::slice::from_ref(term),
            Terms::Several(terms) => terms,
        }
    }
}

impl From<&[Term]> for Terms {
    fn from(terms: &[Term]) -> Self {
        match terms {
            [] => Terms::None,
            [term] => Terms::One(term.clone()),
            _ => Terms::Several(terms.into()),
        }
    }
}

impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Terms::None, Terms::None) => true,
            (Terms::One(a), Terms::One(b)) => a == b,
            (Terms::Several(a), Terms::Several(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Terms {}

impl PartialOrd for Terms {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Terms {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Terms {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
