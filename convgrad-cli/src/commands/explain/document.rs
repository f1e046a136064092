//! An explanation as a JSON document. Numbers that depend on free sizes are null; beside each stands its text.

use convgrad_dsl::explain::{Explanation, Kind, Leaf, Step, Tensor};
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::sizes::Source;
use serde_json::{Value, json};

use crate::commands::check;

/// The document.
pub(super) fn document(converter: &Converter, explanation: &Explanation) -> Value {
    let analysis = &explanation.analysis;
    let digits = &explanation.digits;
    let moves = &explanation.moves;
    let verdicts = &analysis.verdicts;
    let obligations: Vec<&str> = analysis
        .obligations
        .iter()
        .map(|o| o.text.as_str())
        .collect();
    json!({
        "name": converter.name.text,
        "docs": converter.docs,
        "chain": explanation.chain,
        "formula": explanation.formula,
        "elements": converter.elements.map(|types| json!({
            "input": types.input.name(),
            "output": types.output.name(),
            "bytes": moves.bytes_of(types.input.bytes(), types.output.bytes()).map(<[i64; 2]>::from),
        })),
        "input": tensor(&explanation.input),
        "output": tensor(&explanation.output),
        "sizes": explanation.sizes.iter().map(|size| json!({
            "name": size.name,
            "value": size.value.as_ref().map(step),
            "source": source(&size.source),
        })).collect::<Vec<_>>(),
        "digits": digits.digits.iter().map(|digit| json!({
            "iterator": digit.iterator,
            "name": digit.name,
            "value": digit.value,
            "extent": step(&digit.extent),
            "ragged": digit.ragged,
            "output_stride": step(&digit.output),
            "input_stride": step(&digit.input),
        })).collect::<Vec<_>>(),
        "computed": digits.wholes.iter().map(|whole| json!({
            "value": whole.value,
            "output_stride": step(&whole.output),
            "input_stride": step(&whole.input),
        })).collect::<Vec<_>>(),
        "normal_form": { "output": digits.left, "input": digits.source },
        "moves": {
            "read": moves.read.as_ref().map(step),
            "written": moves.written.as_ref().map(step),
            "filled": moves.filled.as_ref().map(step),
            "runs": moves.runs,
            "share_of_copy": moves.share_of_copy.map(|share| f64::from(share) / 100.0),
            "longest_runs": moves.longest.iter().map(step).collect::<Vec<_>>(),
            "bytes_per_element_byte": moves.bytes(1),
        },
        "inner_loops": explanation.leaves.iter().map(leaf).collect::<Vec<_>>(),
        "reasons": explanation.reasons,
        "proofs": {
            "in_bounds": verdicts.in_bounds,
            "injective": verdicts.injective,
            "surjective": verdicts.surjective,
            "bijective": verdicts.bijective,
            "decided_by": check::decision(verdicts.decided_by),
        },
        "obligations": obligations,
        "nest": explanation.nest,
    })
}

fn step(step: &Step) -> Value {
    json!({ "text": step.text, "number": step.number })
}

fn tensor(tensor: &Tensor) -> Value {
    json!({
        "name": tensor.name,
        "shape": tensor.shape.iter().map(step).collect::<Vec<_>>(),
        "elements": step(&tensor.elements),
    })
}

fn source(source: &Source) -> Value {
    let (kind, axes) = match source {
        Source::Baked => ("baked", Vec::new()),
        Source::Derived => ("derived", Vec::new()),
        Source::Given => ("given", Vec::new()),
        Source::Extent { axis } => ("extent", vec![*axis]),
        Source::Multiple { axis } => ("multiple", vec![*axis]),
        Source::Fits { axes } => ("fits", axes.clone()),
        Source::Caller => ("caller", Vec::new()),
    };
    json!({ "kind": kind, "axes": axes })
}

fn leaf(leaf: &Leaf) -> Value {
    let kind = match leaf.kind {
        Kind::Copy => "copy",
        Kind::Reverse => "reverse",
        Kind::Gather => "gather",
        Kind::Scatter => "scatter",
        Kind::Strided => "strided",
        Kind::Repeat => "repeat",
        Kind::Single => "single",
        Kind::Add => "add",
        Kind::Fill => "fill",
    };
    json!({
        "kind": kind,
        "count": leaf.count,
        "output_stride": step(&leaf.output),
        "input_stride": leaf.input.as_ref().map(step),
    })
}
