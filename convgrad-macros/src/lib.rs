//! `convgrad!` compiles iterator formulas where they stand.
