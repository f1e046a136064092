//! What digits are called: `j0_1` is digit 1 of the iterator `j0`, counted from the lowest.

use crate::index::linear::{Atom, Piece};
use crate::index::space::Space;
use crate::sema::model::Converter;

/// The name of a digit; that of its iterator where it has no other.
pub(crate) fn digit_name(space: &Space, converter: &Converter, piece: &Piece) -> String {
    let id = match piece.atom {
        Atom::Iter(id) => id,
        // The digits of a shifted iterator.
        Atom::Opaque(sum) => {
            let shifted = space.opaque(sum).operands();
            let term = shifted.first().and_then(|sum| sum.terms.first());
            let name = term.map_or_else(
                || "value".to_owned(),
                |t| digit_name(space, converter, &t.piece),
            );
            return format!("{name}_{}", u8::from(piece.hi.is_none()));
        }
    };
    let name = &converter.rule.iterators[id.index()].name.text;
    let terms = space.digits(id).terms;
    match terms.iter().position(|t| t.piece == *piece) {
        Some(at) if terms.len() > 1 => format!("{name}_{at}"),
        _ => name.clone(),
    }
}
