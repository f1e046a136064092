//! Windows over a feature map in L1 or UB: what load3d, img2col and col2img have in common.

use half::f16;

use super::field;
use crate::cube::machine::Mistake;

/// A feature map: one image, blocks of channels one after the other, each row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureMap {
    /// Rows, 1 to 32767.
    pub height: usize,
    /// Columns, 1 to 32767.
    pub width: usize,
    /// What is around it: top, bottom, left, right, each 0 to 255.
    pub pads: [usize; 4],
}

/// How windows slide over a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Rows and columns, 1 to 255 each (511 for [`Img2col`](super::Img2col)).
    pub size: [usize; 2],
    /// Steps between windows, 1 to 63.
    pub stride: [usize; 2],
    /// Steps between the taps of a window, 1 to 255.
    pub dilation: [usize; 2],
}

/// Writes a half again and again.
pub(super) fn fill(bytes: &mut [u8], half: f16) {
    bytes.as_chunks_mut::<2>().0.fill(half.to_le_bytes());
}

impl FeatureMap {
    pub(super) fn check(&self) -> Result<(), Mistake> {
        field("height", self.height, (1, 32_767), "1 to 32767")?;
        field("width", self.width, (1, 32_767), "1 to 32767")?;
        for pad in self.pads {
            field("pads", pad, (0, 255), "0 to 255")?;
        }
        Ok(())
    }

    /// The windows in a row; 0 if the filter is wider than the padded map.
    pub(super) fn columns(&self, filter: &Filter) -> usize {
        let padded = self.width + self.pads[2] + self.pads[3];
        let span = filter.dilation[1] * (filter.size[1] - 1) + 1;
        padded
            .checked_sub(span)
            .map_or(0, |free| free / filter.stride[1] + 1)
    }

    /// The pixel that tap (h, w) of window `m` reads, `columns` windows being in a row; None in the padding.
    pub(super) fn pixel(
        &self,
        filter: &Filter,
        columns: usize,
        m: usize,
        [kh, kw]: [usize; 2],
    ) -> Option<usize> {
        let h =
            (m / columns * filter.stride[0] + kh * filter.dilation[0]).checked_sub(self.pads[0])?;
        let w =
            (m % columns * filter.stride[1] + kw * filter.dilation[1]).checked_sub(self.pads[2])?;
        (h < self.height && w < self.width).then_some(h * self.width + w)
    }
}

impl Filter {
    /// Refuses what the fields cannot hold.
    pub(super) fn check(&self, map: &FeatureMap, largest: usize) -> Result<(), Mistake> {
        for side in self.size {
            field("size", side, (1, largest), "1 to 255 (v2: 511)")?;
        }
        for step in self.stride {
            field("stride", step, (1, 63), "1 to 63")?;
        }
        for step in self.dilation {
            field("dilation", step, (1, 255), "1 to 255")?;
        }
        map.check()?;
        if map.columns(self) == 0 {
            return field("width", map.width, (1, 0), "wide enough for the filter");
        }
        Ok(())
    }

    /// The number of taps.
    pub(super) fn taps(&self) -> usize {
        self.size[0] * self.size[1]
    }
}
