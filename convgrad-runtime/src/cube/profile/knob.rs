//! What a profile says.

/// What values a knob takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    /// A memory: a multiple of 1 KiB, which every alignment divides.
    Bytes,
    /// Bytes a cycle; 0 where there is no such path, infinite where it takes no time.
    Path,
    /// Bytes a cycle, on a path that every core has.
    Needed,
    /// Whole cycles.
    Cycles,
    /// A whole number of at least 2.
    Ids,
    /// 1 or 2.
    Version,
}

macro_rules! knobs {
    ($($(#[$doc:meta])* $knob:ident $name:literal $domain:ident,)*) => {
        /// A number that a profile sets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Knob {
            $($(#[$doc])* $knob,)*
        }

        impl Knob {
            /// All of them, in the order of reports.
            pub const ALL: [Knob; [$($name),*].len()] = [$(Knob::$knob),*];

            /// The name in files and reports.
            pub fn name(self) -> &'static str {
                match self { $(Knob::$knob => $name,)* }
            }

            fn kind(self) -> Domain {
                match self { $(Knob::$knob => Domain::$domain,)* }
            }
        }
    };
}

knobs! {
    /// Bytes of L1.
    L1Bytes "l1_bytes" Bytes,
    /// Bytes of L0A, the left factors.
    L0aBytes "l0a_bytes" Bytes,
    /// Bytes of L0B, the right factors.
    L0bBytes "l0b_bytes" Bytes,
    /// Bytes of L0C, the sums.
    L0cBytes "l0c_bytes" Bytes,
    /// Bytes of UB, the unified buffer, that programs may use.
    UbBytes "ub_bytes" Bytes,
    /// Flags for each ordered pair of pipes.
    FlagIds "flag_ids" Ids,
    /// The form of img2col: 1 is `load3d` by kernel points, 2 by rectangles of the matrix.
    Img2col "img2col_version" Version,
    /// Global memory to L1, bytes a cycle.
    GmToL1 "gm_to_l1" Needed,
    /// Global memory to L0A or L0B.
    GmToL0 "gm_to_l0" Path,
    /// Global memory to UB.
    GmToUb "gm_to_ub" Needed,
    /// L1 to L0A.
    L1ToL0a "l1_to_l0a" Needed,
    /// L1 to L0B.
    L1ToL0b "l1_to_l0b" Needed,
    /// L1 to UB, where cube and vector are one core.
    L1ToUb "l1_to_ub" Path,
    /// UB to global memory.
    UbToGm "ub_to_gm" Needed,
    /// UB to L1, where cube and vector are one core.
    UbToL1 "ub_to_l1" Path,
    /// L0C to UB by the vector unit, counted in bytes of the sums.
    L0cToUb "l0c_to_ub" Path,
    /// L0C to global memory by FIXP, counted in bytes of what is written.
    L0cToGm "l0c_to_gm" Path,
    /// Cycles before the first byte of a move from or to global memory.
    GmStartup "gm_startup" Cycles,
    /// Cycles before the first byte of a move or a load inside the core.
    LocalStartup "local_startup" Cycles,
    /// Cycles of every burst of a move, so that many short bursts cost more than their bytes.
    Burst "burst" Cycles,
    /// Cycles before the first tile of a `mad` on an idle cube.
    MadStartup "mad_startup" Cycles,
    /// Cycles of a 16 x 16 x 16 tile of halves (16 x 32 x 16 of bytes).
    MadTile "mad_tile" Cycles,
    /// Cycles before the first repeat of a vector instruction.
    VectorStartup "vector_startup" Cycles,
    /// Cycles of a repeat: eight blocks of 32 bytes.
    VectorRepeat "vector_repeat" Cycles,
    /// Cycles of a repeat of a 16 x 16 transposition.
    TransposeRepeat "transpose_repeat" Cycles,
    /// Cycles of a repeat of col2img: 16 windows of 16 halves; twice that for f32.
    Col2imgRepeat "col2img_repeat" Cycles,
    /// Cycles from the execution of `set_flag` until who waits may go on.
    Flag "flag" Cycles,
    /// Cycles that the scalar unit takes to hand out an instruction.
    Issue "issue" Cycles,
}

impl Knob {
    /// The knob of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|knob| knob.name() == name)
    }

    /// Whether it can be that.
    pub fn takes(self, value: f64) -> bool {
        let whole = value.fract() == 0.0 && (0.0..=4e9).contains(&value);
        match self.kind() {
            Domain::Bytes => whole && value >= 1024.0 && value % 1024.0 == 0.0,
            Domain::Path => value >= 0.0,
            Domain::Needed => value > 0.0,
            Domain::Cycles => whole,
            Domain::Ids => whole && (2.0..=64.0).contains(&value),
            Domain::Version => value == 1.0 || value == 2.0,
        }
    }

    /// What it can be, in words.
    pub fn domain(self) -> &'static str {
        match self.kind() {
            Domain::Bytes => "it is a number of bytes, a multiple of 1024",
            Domain::Path => {
                "it is in bytes a cycle: positive, infinite, or 0 where there is no such path"
            }
            Domain::Needed => "it is in bytes a cycle: positive or infinite",
            Domain::Cycles => "it is a whole number of cycles",
            Domain::Ids => "it is a whole number of at least 2",
            Domain::Version => "it is 1 or 2",
        }
    }
}
