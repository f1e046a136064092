//! What the interpreter says that a converter writes.

use convgrad::{Element, Number};
use convgrad_dsl::interpret::Map;
use convgrad_dsl::sema::model;

/// The output for an input: numbers, elements, and sums in the order in which they are said to be. None for a number that is
/// no element.
pub(crate) fn output<T: Element>(map: &Map, x: &[T]) -> Option<Vec<T>> {
    let place = |place: usize| {
        let held = map.held(place);
        if let (None, [copied]) = (&map.sums, held.elements) {
            return Some(x[*copied]);
        }
        let number = T::from_number(match held.number {
            model::Number::Int(int) => Number::Int(int),
            model::Number::Float(float) => Number::Float(float),
        });
        let elements = held.elements.iter();
        Some(elements.fold(number?, |sum, element| sum.plus(x[*element])))
    };
    (0..map.source.len()).map(place).collect()
}
