//! The command as its users see it: exit codes, what is printed, and which files are there afterwards.

mod support;

mod check;
mod convolution;
mod cube;
mod draw;
mod emit;
mod explain;
mod explain_code;
mod fmt;
mod hostile;
mod library;
mod measure;
mod naive;
mod run;
