//! What is left of a scattered product when it is cut: tasks, each with the part of the result that is its own.

use std::ops::Range;

use super::cut::Cut;
use crate::conv::geometry::Conv2d;

/// What a thread computes by itself.
pub(super) struct Task<'t, T> {
    pub(super) group: usize,
    pub(super) channels: Range<usize>,
    pub(super) images: Range<usize>,
    /// Rows of the input's gradient.
    pub(super) rows: Range<usize>,
    /// These rows of all channels of all images.
    pub(super) planes: Vec<&'t mut [T]>,
}

/// All tasks, image by image, group by group, channel by channel.
pub(super) fn tasks<'t, T>(conv: &Conv2d, cut: &Cut, dx: &'t mut [T]) -> Vec<Task<'t, T>> {
    let [batch, channels, height, width] = conv.input_shape();
    let inputs = conv.group_inputs();
    let chunks = inputs.div_ceil(cut.channels);
    let mut tasks = Vec::new();
    for first in (0..batch).step_by(cut.images) {
        for chunk in 0..conv.groups() * chunks {
            let start = chunk % chunks * cut.channels;
            tasks.extend(cut.parts(height).map(|rows| Task {
                group: chunk / chunks,
                channels: start..inputs.min(start + cut.channels),
                images: first..batch.min(first + cut.images),
                rows,
                planes: Vec::new(),
            }));
        }
    }
    for (plane, mut rest) in dx.chunks_mut(height * width).enumerate() {
        let (image, channel) = (plane / channels, plane % channels);
        let chunk = channel / inputs * chunks + channel % inputs / cut.channels;
        let first = (image / cut.images * conv.groups() * chunks + chunk) * cut.parts;
        for task in &mut tasks[first..first + cut.parts] {
            let (own, others) = rest.split_at_mut(task.rows.len() * width);
            task.planes.push(own);
            rest = others;
        }
    }
    tasks
}
