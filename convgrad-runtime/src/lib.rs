//! The runtime of convgrad.
