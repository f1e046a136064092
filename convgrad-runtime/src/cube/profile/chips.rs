//! The three chips.
//!
//! Sources, by the short names below: *kernel_utils* is `impl/basic_api/utils/kernel_utils_constants.h` of the public asc-devkit,
//! *2201* and *3510* its pages on the architectures of these numbers, *SetFlag* its page on SetFlag and WaitFlag; *pto* is the cost model of the public pto-isa,
//! `include/pto/costmodel/arch_config.hpp`, given for 910B at 1.85 GHz; *Hot Chips* the talk on DaVinci at Hot Chips 31 (2019) with the reports on it.

use super::{Knob, Profile, Setting, Trust};
use Trust::{Assumed, Derived, Neighbour, Recalled, Stated};

/// A value, its source and what that is worth, for each knob in order.
type Row = (Knob, f64, &'static str, Trust);

/// The chip of a name.
pub(super) fn find(name: &str) -> Option<Profile> {
    match name {
        "ascend910" => Some(ascend910()),
        "ascend310p" => Some(ascend310p()),
        "ascend910b" => Some(ascend910b()),
        _ => None,
    }
}

const KIB: f64 = 1024.0;

/// What is the same in all of them, as far as is known.
const COMMON: [Row; 12] = [
    (Knob::L0aBytes, 64.0 * KIB, "kernel_utils", Stated),
    (Knob::L0bBytes, 64.0 * KIB, "kernel_utils", Stated),
    (Knob::GmStartup, 32.0, "nothing public", Assumed),
    (
        Knob::LocalStartup,
        6.0,
        "as pto's head of a mad; nothing public",
        Assumed,
    ),
    (
        Knob::Burst,
        1.0,
        "nothing public: one descriptor a cycle",
        Assumed,
    ),
    (
        Knob::MadStartup,
        6.0,
        "pto: a head of 6 if the queue is empty",
        Neighbour,
    ),
    (
        Knob::MadTile,
        1.0,
        "4096 f16 MAC a cycle: 3510; reports on Hot Chips",
        Stated,
    ),
    (Knob::VectorStartup, 6.0, "pto: a head of 6", Neighbour),
    (
        Knob::TransposeRepeat,
        2.0,
        "512 bytes at 256 a cycle",
        Assumed,
    ),
    (
        Knob::Col2imgRepeat,
        2.0,
        "as a vector addition of 512 bytes",
        Assumed,
    ),
    (Knob::Flag, 1.0, "nothing public", Assumed),
    (
        Knob::Issue,
        1.0,
        "nothing public: one instruction a cycle",
        Assumed,
    ),
];

const ASCEND910: [Row; 16] = [
    (Knob::L1Bytes, 1024.0 * KIB, "kernel_utils, 1001", Stated),
    (Knob::L0cBytes, 256.0 * KIB, "kernel_utils, 1001", Stated),
    (
        Knob::UbBytes,
        248.0 * KIB,
        "kernel_utils, 1001: 256 KiB less 8 for the framework",
        Stated,
    ),
    (
        Knob::FlagIds,
        4.0,
        "SetFlag: 0 to 3 on Atlas training",
        Stated,
    ),
    (
        Knob::Img2col,
        1.0,
        "public TIK and AKG programs for this chip",
        Stated,
    ),
    (
        Knob::GmToL1,
        94.0,
        "Hot Chips: L2 3 TB/s for 32 cores, at 1 GHz",
        Recalled,
    ),
    (Knob::GmToL0, 94.0, "as gm_to_l1", Assumed),
    (Knob::GmToUb, 94.0, "as gm_to_l1", Assumed),
    (
        Knob::L1ToL0a,
        1024.0,
        "Hot Chips: L1 bus A 8192 bits",
        Recalled,
    ),
    (
        Knob::L1ToL0b,
        256.0,
        "Hot Chips: L1 bus B 2048 bits",
        Recalled,
    ),
    (Knob::L1ToUb, 256.0, "the vector unit's width", Assumed),
    (Knob::UbToGm, 94.0, "as gm_to_l1", Assumed),
    (Knob::UbToL1, 256.0, "the vector unit's width", Assumed),
    (
        Knob::L0cToUb,
        256.0,
        "the vector unit's width, through which it goes",
        Derived,
    ),
    (Knob::L0cToGm, 0.0, "no FIXP", Stated),
    (
        Knob::VectorRepeat,
        1.0,
        "reports on Hot Chips: 2048 bits a cycle",
        Stated,
    ),
];

const ASCEND310P: [Row; 16] = [
    (Knob::L1Bytes, 1024.0 * KIB, "kernel_utils, 2002", Stated),
    (Knob::L0cBytes, 256.0 * KIB, "kernel_utils, 2002", Stated),
    (Knob::UbBytes, 248.0 * KIB, "kernel_utils, 2002", Stated),
    (Knob::FlagIds, 8.0, "SetFlag: 0 to 7", Stated),
    (
        Knob::Img2col,
        2.0,
        "asc-devkit: img2colv2 from 310P on",
        Stated,
    ),
    (
        Knob::GmToL1,
        250.0,
        "Hot Chips: L2 2 TB/s for 8 cores (610), at 1 GHz",
        Recalled,
    ),
    (Knob::GmToL0, 250.0, "as gm_to_l1", Assumed),
    (Knob::GmToUb, 250.0, "as gm_to_l1", Assumed),
    (Knob::L1ToL0a, 1024.0, "as the 910, Hot Chips", Recalled),
    (Knob::L1ToL0b, 256.0, "as the 910, Hot Chips", Recalled),
    (Knob::L1ToUb, 256.0, "the vector unit's width", Assumed),
    (Knob::UbToGm, 250.0, "as gm_to_l1", Assumed),
    (Knob::UbToL1, 256.0, "the vector unit's width", Assumed),
    (
        Knob::L0cToUb,
        256.0,
        "2002: L0C to UB goes through the vector unit",
        Derived,
    ),
    (Knob::L0cToGm, 0.0, "no FIXP", Stated),
    (
        Knob::VectorRepeat,
        1.0,
        "reports on Hot Chips: 2048 bits a cycle",
        Stated,
    ),
];

const ASCEND910B: [Row; 16] = [
    (
        Knob::L1Bytes,
        511.0 * KIB,
        "kernel_utils, 2201: 512 KiB less 256 bytes",
        Stated,
    ),
    (Knob::L0cBytes, 128.0 * KIB, "kernel_utils, 2201", Stated),
    (Knob::UbBytes, 192.0 * KIB, "kernel_utils, 2201", Stated),
    (
        Knob::FlagIds,
        6.0,
        "SetFlag: 0 to 7, of which the framework keeps 6 and 7",
        Stated,
    ),
    (Knob::Img2col, 2.0, "asc-devkit: img2colv2", Stated),
    (Knob::GmToL1, 78.0, "pto: 135 GiB/s", Stated),
    (Knob::GmToL0, 78.0, "as gm_to_l1", Assumed),
    (Knob::GmToUb, 59.0, "pto: 100.9 GiB/s", Stated),
    (
        Knob::L1ToL0a,
        256.0,
        "2201 and pto (the chip's ini file says 512)",
        Stated,
    ),
    (Knob::L1ToL0b, 128.0, "2201 and pto", Stated),
    (
        Knob::L1ToUb,
        0.0,
        "cube and vector are separate cores",
        Stated,
    ),
    (Knob::UbToGm, 109.0, "pto: 188.46 GiB/s", Stated),
    (
        Knob::UbToL1,
        0.0,
        "cube and vector are separate cores",
        Stated,
    ),
    (
        Knob::L0cToUb,
        0.0,
        "cube and vector are separate cores",
        Stated,
    ),
    (Knob::L0cToGm, 41.0, "pto: 70 GiB/s", Stated),
    (Knob::VectorRepeat, 2.0, "pto: a slope of 2", Stated),
];

pub(super) fn ascend910() -> Profile {
    chip("ascend910", &ASCEND910)
}

pub(super) fn ascend310p() -> Profile {
    chip("ascend310p", &ASCEND310P)
}

pub(super) fn ascend910b() -> Profile {
    chip("ascend910b", &ASCEND910B)
}

fn chip(name: &str, own: &[Row]) -> Profile {
    let setting = |knob| {
        let row = own.iter().chain(&COMMON).find(|row| row.0 == knob);
        // The test over all chips and knobs sees to it that every knob has a row.
        let (_, value, source, trust) = *row.unwrap_or(&(knob, 0.0, "", Assumed));
        Setting {
            value,
            source: source.into(),
            trust,
        }
    };
    Profile {
        name: name.into(),
        settings: Knob::ALL.into_iter().map(setting).collect(),
    }
}
