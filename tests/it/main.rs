//! End to end: formulas compiled by the macro and at run time, and what they compute.

mod paper;
