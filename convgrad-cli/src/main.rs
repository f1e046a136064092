//! The command `convgrad`.

fn main() {}
