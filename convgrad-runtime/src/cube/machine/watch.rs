//! Who has touched which bytes: finds accesses that no flag orders, whatever the timing.
//!
//! Every instruction of a pipe has a number, and a flag carries how far its sender knows every pipe to be. An access of one pipe is
//! in order with an earlier one of another if the pipe knows that one's number. Bytes are watched in pieces of an address alignment.

use super::fault::{Access, Mistake};
use super::memory::Buffer;
use super::pipe::{Clock, Pipe};
use crate::buffer::filled;
use crate::cube::profile::Profile;
use crate::error::Result;

/// The last accesses of one piece. Numbers count from 1; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    write: u32,
    writer: u8,
    reads: Clock,
}

/// The last accesses of all memories.
#[derive(Debug)]
pub(super) struct Watch([Vec<Piece>; 6]);

/// An instruction that touches memory.
pub(super) struct Toucher<'a> {
    pub(super) pipe: Pipe,
    /// What its pipe knows; its own entry is the instruction's number.
    pub(super) clock: &'a Clock,
}

impl Watch {
    pub(super) fn new(profile: &Profile, global: usize) -> Result<Self> {
        let mut all: [Vec<Piece>; 6] = Default::default();
        for buffer in Buffer::ALL {
            let bytes = buffer.size(profile).unwrap_or(global);
            let pieces = bytes.div_ceil(buffer.alignment());
            all[buffer as usize] = filled("the accesses to a memory", &[pieces], Piece::default())?;
        }
        Ok(Self(all))
    }

    /// Notes an access, after comparing it with those before. Global memory is written by the host before the program starts.
    pub(super) fn touch(
        &mut self,
        by: &Toucher<'_>,
        access: Access,
        buffer: Buffer,
        at: usize,
        bytes: usize,
    ) -> std::result::Result<(), Mistake> {
        let grain = buffer.alignment();
        let pieces = &mut self.0[buffer as usize];
        let last = (at + bytes).div_ceil(grain);
        let own = by.pipe as usize;
        for (i, piece) in (at / grain..).zip(&mut pieces[at / grain..last]) {
            let hazard = |other: usize, that| Mistake::Hazard {
                buffer,
                at: i * grain,
                this: access,
                other: Pipe::ALL[other],
                that,
            };
            let writer = usize::from(piece.writer);
            if piece.write > by.clock[writer] {
                return Err(hazard(writer, Access::Write));
            }
            match access {
                Access::Read => {
                    if piece.write == 0 && buffer != Buffer::Gm {
                        let at = i * grain;
                        return Err(Mistake::Unwritten { buffer, at });
                    }
                    piece.reads[own] = by.clock[own];
                }
                Access::Write => {
                    let late = (0..Pipe::COUNT).find(|&p| piece.reads[p] > by.clock[p]);
                    if let Some(reader) = late {
                        return Err(hazard(reader, Access::Read));
                    }
                    piece.write = by.clock[own];
                    piece.writer = own as u8;
                }
            }
        }
        Ok(())
    }
}
