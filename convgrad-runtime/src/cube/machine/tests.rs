//! The checker and the clock, on programs of a few instructions.

use super::*;
use crate::cube::isa::{FeatureMap, Filter, Img2col, Kind, Load2d, Mad, Move};

const L1: Buffer = Buffer::L1;

fn flag(from: Pipe, to: Pipe, id: u8) -> [Instruction; 2] {
    let signal = Signal { from, to, id };
    [Instruction::SetFlag(signal), Instruction::WaitFlag(signal)]
}

fn bring(to: usize, bytes: usize) -> Instruction {
    Move::run(Place::new(Buffer::Gm, 0), Place::new(L1, to), bytes).into()
}

fn load(buffer: Buffer) -> Instruction {
    Load2d {
        from: Place::new(L1, 0),
        to: Place::new(buffer, 0),
        repeat: 1,
        from_stride: 1,
        to_stride: 1,
        transpose: false,
    }
    .into()
}

fn mad() -> Instruction {
    Mad {
        left: Place::new(Buffer::L0a, 0),
        right: Place::new(Buffer::L0b, 0),
        sums: Place::new(Buffer::L0c, 0),
        m: 16,
        k: 16,
        n: 16,
        accumulate: false,
        kind: Kind::F16,
    }
    .into()
}

fn run(program: impl IntoIterator<Item = Instruction>) -> std::result::Result<Report, Fault> {
    let profile = Profile::ascend910();
    let mut core = Core::new(&profile, 4096).unwrap();
    for instruction in program {
        core.issue(instruction)?;
    }
    core.finish()
}

fn mistake(program: impl IntoIterator<Item = Instruction>) -> Mistake {
    run(program).unwrap_err().mistake
}

/// A product of one tile, all flags in place.
fn product() -> Vec<Instruction> {
    let mut program = vec![bring(0, 512)];
    program.extend(flag(Pipe::Mte2, Pipe::Mte1, 0));
    program.extend([load(Buffer::L0a), load(Buffer::L0b)]);
    program.extend(flag(Pipe::Mte1, Pipe::Cube, 0));
    program.push(mad());
    program
}

#[test]
fn a_program_with_its_flags_runs_and_takes_its_time() {
    let report = run(product()).unwrap();
    assert_eq!((report.tiles, report.instructions), (1, 8));
    // 1 to issue, 32 + ceil(512 / 94) to move, 1 for the flag, 6 + 1 and 6 + 2 to load, 1 for the flag, 6 + 1 to multiply.
    assert_eq!(report.cycles, 1 + 38 + 1 + 7 + 8 + 1 + 7);
    assert_eq!(
        report.pipe(Pipe::Mte1).waits[Pipe::Mte2 as usize],
        39 + 1 - 3
    );
    assert_eq!(report.bytes(Buffer::Gm, L1), 512);
    assert_eq!(report.bytes(L1, Buffer::L0b), 512);
}

#[test]
fn what_no_flag_orders_is_a_hazard() {
    let without = |number: usize| {
        let mut program = product();
        program.drain(number..number + 2);
        mistake(program)
    };
    assert!(matches!(
        without(1),
        Mistake::Hazard {
            buffer: L1,
            this: Access::Read,
            other: Pipe::Mte2,
            that: Access::Write,
            ..
        }
    ));
    assert!(matches!(
        without(5),
        Mistake::Hazard {
            buffer: Buffer::L0a,
            other: Pipe::Mte1,
            ..
        }
    ));
    // Overwriting what another pipe may still be reading.
    let mut program = product();
    program.push(bring(0, 512));
    assert!(matches!(
        mistake(program),
        Mistake::Hazard {
            this: Access::Write,
            other: Pipe::Mte1,
            that: Access::Read,
            ..
        }
    ));
    // A barrier is as good as flags.
    let mut program = product();
    program.extend([Instruction::Barrier, bring(0, 512)]);
    assert!(run(program).is_ok());
}

#[test]
fn reads_of_what_nobody_wrote_are_found() {
    let fault = run([load(Buffer::L0a)]).unwrap_err();
    assert_eq!(fault.instruction, 0);
    let message = "it reads address 0 of L1, which nothing has written";
    assert_eq!(fault.mistake.to_string(), message);
}

#[test]
fn addresses_must_be_inside_and_aligned() {
    let out = mistake([bring((1 << 20) - 32, 512)]);
    assert!(matches!(out, Mistake::OutOfRange { buffer: L1, .. }));
    let odd = mistake([bring(8, 512)]);
    assert!(matches!(odd, Mistake::Misaligned { alignment: 32, .. }));
    let backwards = Move::run(Place::new(L1, 0), Place::new(Buffer::Gm, 0), 32);
    assert!(matches!(
        mistake([backwards.into()]),
        Mistake::NoPath { .. }
    ));
}

#[test]
fn flags_are_single_bits() {
    let signal = |id| Signal {
        from: Pipe::Mte2,
        to: Pipe::Mte1,
        id,
    };
    let set = |id| Instruction::SetFlag(signal(id));
    let wait = |id| Instruction::WaitFlag(signal(id));
    assert!(matches!(
        mistake([set(0), set(0)]),
        Mistake::DoubleSet { .. }
    ));
    // Cleared by chance, but its sender cannot know.
    assert!(matches!(
        mistake([set(0), wait(0), set(0)]),
        Mistake::DoubleSet { .. }
    ));
    let back = flag(Pipe::Mte1, Pipe::Mte2, 1);
    let known = [set(0), wait(0)]
        .into_iter()
        .chain(back)
        .chain([set(0), wait(0)]);
    assert!(run(known).is_ok());
    assert!(matches!(
        mistake([wait(2)]),
        Mistake::Deadlock { id: 2, .. }
    ));
    assert!(matches!(mistake([set(3)]), Mistake::LeftSet { id: 3, .. }));
    // The 910 has four.
    assert!(matches!(
        mistake([set(4)]),
        Mistake::Field { field: "id", .. }
    ));
    // A wait may be issued before its flag is set.
    assert!(run([wait(0), set(0)]).is_ok());
}

#[test]
fn every_fault_names_its_instruction() {
    let signal = |id| Signal {
        from: Pipe::Mte2,
        to: Pipe::Mte1,
        id,
    };
    let set = |id| Instruction::SetFlag(signal(id));
    let two = |second: Instruction| vec![bring(0, 512), second];
    let far = Move::run(
        Place::new(Buffer::Gm, usize::MAX - 31),
        Place::new(L1, 0),
        32,
    );
    let none = Move::run(Place::new(Buffer::Gm, 0), Place::new(L1, 0), 0);
    let out = Move::run(Place::new(Buffer::Ub, 0), Place::new(L1, 0), 32);
    let img2col = Img2col {
        map: FeatureMap {
            height: 4,
            width: 4,
            pads: [0; 4],
        },
        filter: Filter {
            size: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
        },
        from: Place::new(L1, 0),
        to: Place::new(Buffer::L0a, 0),
        m: 0,
        k: 0,
        rows: 16,
        columns: 16,
        pad: half::f16::ZERO,
        transpose: false,
    };
    for (program, name, message) in [
        (
            two(bring(8, 512)),
            "Move",
            "address 8 of L1 is not a multiple of 32",
        ),
        (
            two(bring(1 << 20, 32)),
            "Move",
            "32 bytes at 1048576 end beyond L1, which has 1048576",
        ),
        (
            two(far.into()),
            "Move",
            "`address` is 9223372036854775807, and must be at most 2^40",
        ),
        (two(none.into()), "Move", "`length` is 0"),
        (
            two(out.into()),
            "Move",
            "it reads address 0 of UB, which nothing has written",
        ),
        (
            two(load(Buffer::Ub)),
            "Load2d",
            "this core has no path from L1 to UB",
        ),
        (
            two(img2col.into()),
            "Img2col",
            "this core has no img2col by rectangles",
        ),
        (
            two(load(Buffer::L0a)),
            "Load2d",
            "it reads address 0 of L1, which mte2 writes, and no flag orders the two",
        ),
        (
            vec![set(0), set(0)],
            "set_flag(mte2, mte1, 0)",
            "flag 0 from mte2 to mte1 may still be set",
        ),
        (
            two(Instruction::WaitFlag(signal(1))),
            "wait_flag(mte2, mte1, 1)",
            "mte1 waits for ever: mte2 does not set flag 1",
        ),
        (two(set(9)), "set_flag(mte2, mte1, 9)", "`id` is 9"),
    ] {
        let text = run(program).unwrap_err().to_string();
        let begin = format!("instruction 1, {name}");
        assert!(text.starts_with(&begin) && text.contains(message), "{text}");
    }
    let left = run([set(2)]).unwrap_err().to_string();
    assert_eq!(
        left,
        "instruction 1, the end: the program ends with flag 2 from mte2 to mte1 set"
    );
}

#[test]
fn a_trace_tells_when_each_instruction_ran() {
    let profile = Profile::ascend910();
    let mut core = Core::new(&profile, 4096).unwrap().traced();
    for instruction in product() {
        core.issue(instruction).unwrap();
    }
    let names: Vec<_> = core
        .trace()
        .iter()
        .map(|event| (event.name, event.pipe))
        .collect();
    assert_eq!(
        names,
        [
            ("move", Pipe::Mte2),
            ("load2d", Pipe::Mte1),
            ("load2d", Pipe::Mte1),
            ("mad", Pipe::Cube)
        ]
    );
    let json = crate::cube::time::chrome("a \"test\"\n", core.trace());
    assert!(json.contains(r#""a \"test\"\u000a""#), "{json}");
    assert!(
        json.contains("\"name\":\"mad\",\"ts\":56,\"dur\":7"),
        "{json}"
    );
    let picture = crate::cube::time::timeline("a < b", core.trace(), core.elapsed());
    assert!(picture.contains("a &lt; b") && picture.contains("<title>mad</title>"));
}
