//! What happened, instruction by instruction, in the format of Chrome's and Perfetto's trace viewers.

use std::fmt::Write;

use crate::cube::isa::Instruction;
use crate::cube::machine::Pipe;

/// An instruction at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Where it ran.
    pub pipe: Pipe,
    /// Its name.
    pub name: &'static str,
    /// Its number in the program.
    pub number: u64,
    /// When it started, in cycles.
    pub start: u64,
    /// How long it took.
    pub cycles: u64,
}

impl Event {
    pub(crate) fn new(
        pipe: Pipe,
        instruction: &Instruction,
        number: u64,
        start: u64,
        cycles: u64,
    ) -> Self {
        Self {
            pipe,
            name: instruction.name(),
            number,
            start,
            cycles,
        }
    }
}

/// A trace as JSON, a cycle shown as a microsecond: open it at ui.perfetto.dev or chrome://tracing.
pub fn chrome(title: &str, events: &[Event]) -> String {
    let mut json = String::from("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    let title = escaped(title);
    // Writing to a string cannot fail.
    let _ = write!(
        json,
        "{{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{{\"name\":\"{title}\"}}}}"
    );
    for pipe in Pipe::ALL {
        let _ = write!(
            json,
            ",\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":\"{}\"}}}}",
            pipe as usize,
            pipe.name()
        );
    }
    for event in events {
        let _ = write!(
            json,
            ",\n{{\"ph\":\"X\",\"pid\":1,\"tid\":{},\"name\":\"{}\",\"ts\":{},\"dur\":{},\"args\":{{\"instruction\":{}}}}}",
            event.pipe as usize, event.name, event.start, event.cycles, event.number
        );
    }
    json.push_str("\n]}\n");
    json
}

/// A text as it stands between the quotes of JSON.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut all, char| {
        match char {
            '"' | '\\' => all.extend(['\\', char]),
            // Writing to a string cannot fail.
            '\0'..='\x1f' => {
                let _ = write!(all, "\\u{:04x}", u32::from(char));
            }
            char => all.push(char),
        }
        all
    })
}
