//! What the transformations make of the standard library's formulas, as text.

use super::resolved;
use crate::emit::formula;
use crate::sema::Unit;
use crate::sema::model::{By, Converter, Layout};
use crate::source::Span;
use crate::transform::{Made, adjoint, between, compose, inverse};

/// The layouts and rules of the library.
struct Library(Vec<Unit>);

impl Library {
    fn load() -> Self {
        let texts = [
            include_str!("../../../library/attention.cg"),
            include_str!("../../../library/davinci.cg"),
            include_str!("../../../library/moves.cg"),
            include_str!("../../../library/onednn.cg"),
            include_str!("../../../library/paper.cg"),
            include_str!("../../../library/plain.cg"),
            include_str!("../../../library/space.cg"),
            include_str!("../../../library/swizzle.cg"),
            include_str!("../../../library/tensorrt.cg"),
            include_str!("../../../library/tiles.cg"),
            include_str!("../../../library/windows.cg"),
        ];
        Library(texts.iter().map(|text| resolved(text).0).collect())
    }

    fn layout(&self, name: &str) -> &Layout {
        let mut all = self.0.iter().flat_map(|unit| &unit.layouts);
        all.find(|layout| layout.name.text == name).expect(name)
    }

    fn converter(&self, name: &str) -> &Converter {
        let mut all = self.0.iter().flat_map(|unit| &unit.converters);
        all.find(|f| f.name.text == name).expect(name)
    }

    fn between(&self, from: &str, to: &str) -> Made<Converter> {
        between(self.layout(from), self.layout(to), None, Span::default())
    }

    /// Through coordinates in terms of N, C, H, W.
    fn by(&self, from: &str, to: &str, coordinates: &str) -> Made<Converter> {
        let text = format!(
            "converter by<N, C, H, W>(X[N, C, H, W]) -> Y[1, 1, 1, 1] {{
                Y[{coordinates}] = X[n, c, h, w] else 0 for n < N, c < C, h < H, w < W;
            }}"
        );
        let by = By {
            coordinates: super::converter(&text).rule.left,
            span: Span::default(),
        };
        between(
            self.layout(from),
            self.layout(to),
            Some(&by),
            Span::default(),
        )
    }

    fn inverse(&self, name: &str) -> Made<Converter> {
        inverse(self.converter(name), Span::default())
    }

    fn adjoint(&self, name: &str) -> Made<Converter> {
        adjoint(self.converter(name), Span::default())
    }
}

/// First the one, then the other.
fn then(f: Made<Converter>, g: Made<Converter>) -> Made<Converter> {
    compose(&f?, &g?, Span::default())
}

/// A rule, or why there is none.
fn shown(made: Made<Converter>) -> String {
    match made {
        Ok(f) => formula::converter(&f),
        Err(errors) => {
            let all = errors.iter();
            let lines: Vec<String> = all
                .map(|e| {
                    format!(
                        "{} {}: {} {:?}",
                        e.code.number(),
                        e.message,
                        e.label,
                        e.notes
                    )
                })
                .collect();
            lines.join("\n")
        }
    }
}

fn lines(all: Vec<(&str, Made<Converter>)>) -> String {
    let lines = all
        .into_iter()
        .map(|(what, made)| format!("{what}\n    {}\n", shown(made).replace('\n', "\n    ")));
    lines.collect()
}

#[test]
fn relayouts() {
    let lib = Library::load();
    let pairs = [
        ("NCHW", "NHWC"),
        ("NHWC", "NC1HWC0"),
        ("NC1HWC0", "NHWC"),
        ("NCHW", "FRACTAL_Z"),
        ("FRACTAL_Z", "NCHW"),
        ("NCHW", "FRACTAL_Z_C04"),
        ("FRACTAL_Z_C04", "NCHW"),
        ("ND", "NZ"),
        ("NZ", "ZZ"),
        ("NCHW", "C1HWNCoC0"),
        ("C1HWNCoC0", "NCHW"),
        ("ND", "VNNI2"),
        ("BSE", "BHSD"),
        ("NCDHW", "FRACTAL_Z_3D"),
    ];
    let names: Vec<String> = pairs.iter().map(|(a, b)| format!("{a} -> {b}")).collect();
    let made = names.iter().zip(pairs);
    let all = made.map(|(name, (a, b))| (name.as_str(), lib.between(a, b)));
    insta::assert_snapshot!(lines(all.collect()));
}

#[test]
fn chains() {
    let lib = Library::load();
    let swap = "c, n, h, w";
    let turn = "c, n, H - 1 - h, W - 1 - w";
    let t_nc = || lib.by("NC1HWC0", "NC1HWC0", swap);
    let all = vec![
        ("t_nc", t_nc()),
        ("t_ncf", lib.by("NC1HWC0", "FRACTAL_Z", swap)),
        ("flip_rot", lib.by("FRACTAL_Z", "FRACTAL_Z", turn)),
        ("strided", lib.adjoint("strided_reads")),
        ("compose(t_nc, t_nc)", then(t_nc(), t_nc())),
        ("inverse(roll)", lib.inverse("roll")),
        ("inverse(interleave)", lib.inverse("interleave")),
        ("inverse(pad)", lib.inverse("pad")),
        (
            "inverse(depth_to_space_dcr)",
            lib.inverse("depth_to_space_dcr"),
        ),
        (
            "inverse(depth_to_space_crd)",
            lib.inverse("depth_to_space_crd"),
        ),
        ("inverse(pixel_unshuffle)", lib.inverse("pixel_unshuffle")),
        ("inverse(channel_shuffle)", lib.inverse("channel_shuffle")),
        ("inverse(patchify)", lib.inverse("patchify")),
        ("inverse(window_partition)", lib.inverse("window_partition")),
        (
            "inverse(shifted_window_partition)",
            lib.inverse("shifted_window_partition"),
        ),
        ("adjoint(subsample)", lib.adjoint("subsample")),
        ("adjoint(im2col)", lib.adjoint("im2col")),
        ("adjoint(pad)", lib.adjoint("pad")),
        (
            "img2col_zz",
            then(
                Ok(lib.converter("img2col").clone()),
                lib.between("ND", "ZZ"),
            ),
        ),
        (
            "compose(NCHW -> NC1HWC0, NC1HWC0 -> NCHW)",
            then(
                lib.between("NCHW", "NC1HWC0"),
                lib.between("NC1HWC0", "NCHW"),
            ),
        ),
        (
            "compose(NC1HWC0 -> NCHW, NCHW -> NC1HWC0)",
            then(
                lib.between("NC1HWC0", "NCHW"),
                lib.between("NCHW", "NC1HWC0"),
            ),
        ),
        (
            "compose(NCHW -> FRACTAL_Z, FRACTAL_Z -> NCHW)",
            then(
                lib.between("NCHW", "FRACTAL_Z"),
                lib.between("FRACTAL_Z", "NCHW"),
            ),
        ),
        (
            "compose(ND -> NZ, NZ -> ZZ)",
            then(lib.between("ND", "NZ"), lib.between("NZ", "ZZ")),
        ),
        (
            "compose(pad, inverse(pad))",
            then(Ok(lib.converter("pad").clone()), lib.inverse("pad")),
        ),
        (
            "compose(roll, inverse(roll))",
            then(Ok(lib.converter("roll").clone()), lib.inverse("roll")),
        ),
        (
            "compose(rot90, rot90)",
            then(
                Ok(lib.converter("rot90").clone()),
                Ok(lib.converter("rot90").clone()),
            ),
        ),
    ];
    insta::assert_snapshot!(lines(all));
}
