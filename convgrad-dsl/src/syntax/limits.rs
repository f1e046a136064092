//! How much a text may ask of the compiler: limits that no formula reaches, but that a hostile text runs into before it
//! exhausts the stack or the memory.

/// The longest text, in bytes.
pub const MAX_TEXT: usize = 1 << 20;

/// The deepest nesting of brackets and comments. The parser descends once for each.
pub const MAX_NESTING: usize = 96;

/// The most levels of an expression's tree. Everything that walks a tree descends once for each.
pub const MAX_DEPTH: u32 = 256;

/// The most axes of a tensor.
pub const MAX_AXES: usize = 64;

/// The most names that a converter may declare of one kind: sizes, or iterators, or `where` names.
pub const MAX_NAMES: usize = 256;

/// After so many diagnostics, the rest of a text is not read.
pub const MAX_REPORTS: usize = 500;
