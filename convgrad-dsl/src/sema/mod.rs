//! Names, ranks and extents: from the tree of the text to formulas with nothing left to look up.

pub mod model;
