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

/// The most entries of a list: sizes, iterators, `where` names, requirements, stages of a chain.
pub const MAX_ENTRIES: usize = 256;

/// The most arguments of a function.
pub const MAX_ARGUMENTS: usize = 1 << 14;

/// The most items of a text, and of what it takes from the library.
pub const MAX_ITEMS: usize = 1 << 10;

/// After so many diagnostics, the rest of a text is not read.
pub const MAX_REPORTS: usize = 500;
