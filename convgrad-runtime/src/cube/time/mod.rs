//! Where the time went: cycles by pipe, stalls by cause, bytes by path; as numbers, as a trace, as a picture.

mod report;
mod timeline;
mod trace;

pub use report::{PipeReport, Report};
pub use timeline::timeline;
pub use trace::{Event, chrome};
