//! End to end: formulas compiled by the macro and at run time, and what they compute; convolutions and their gradients.

mod gradients;
mod paper;
mod random;
