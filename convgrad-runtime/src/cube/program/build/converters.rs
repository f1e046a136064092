//! The converters of a method on the device: the formulas that the CPU's methods run, as programs.

use super::Build;
use crate::conv::{Context, Layout, formulas};
use crate::cube::Scheme;
use crate::cube::isa::Instruction;
use crate::cube::machine::Core;
use crate::cube::program::factor::columns::columns;
use crate::cube::program::relayout::{Origin, Relayout, addresses};
use crate::cube::program::view::Map;
use crate::cube::program::{Method, Refusal, Zone};
use crate::error::Result as Converted;

impl Build {
    /// Issues the converters that come before the product.
    pub(super) fn before(&self, core: &mut Core<'_>) -> Result<(), Refusal> {
        self.formulas(core)?;
        match self.written_out() {
            Some(view) => {
                let zones = (view.map.zone, self.columns);
                self.convert(core, view.map.halves(), zones, |_| Ok(columns(&view)))
            }
            None => Ok(()),
        }
    }

    /// Issues the paper's converters.
    fn formulas(&self, core: &mut Core<'_>) -> Result<(), Refusal> {
        let (conv, cx) = (&self.conv, &Context::single_threaded());
        let layout = Layout::Davinci;
        match self.method {
            Method::DxConverters => {
                let (shape, stride) = (conv.output_shape(), conv.inserting_stride());
                if stride != [1, 1] {
                    self.convert(
                        core,
                        self.dy.halves(),
                        (self.dy.zone, self.first.zone),
                        |dy| Ok(formulas::strided(cx, layout, shape, stride, dy)?.to_vec()),
                    )?;
                }
                self.convert(
                    core,
                    self.kernel_len,
                    (self.kernel, self.second),
                    |kernel| Ok(formulas::flip_rot(cx, layout, conv, kernel)?.to_vec()),
                )
            }
            Method::Dk(Scheme::Literal | Scheme::Folded) => {
                self.convert(core, self.x.halves(), (self.x.zone, self.first.zone), |x| {
                    Ok(formulas::t_nc(cx, layout, conv.input_shape(), x)?.to_vec())
                })?;
                self.convert(core, self.dy.halves(), (self.dy.zone, self.second), |dy| {
                    Ok(formulas::t_ncf(cx, layout, conv.output_shape(), dy)?.to_vec())
                })
            }
            _ => Ok(()),
        }
    }

    /// Issues the converter that comes after it.
    pub(super) fn after(&self, core: &mut Core<'_>) -> Result<(), Refusal> {
        let Method::Dk(Scheme::Literal | Scheme::Folded) = self.method else {
            return Ok(());
        };
        let (conv, layout) = (&self.conv, Layout::Davinci);
        let [k, c, r, s] = conv.kernel_shape();
        core.issue(Instruction::Barrier)?;
        let Map {
            zone,
            height,
            width,
            ..
        } = self.product;
        self.convert(
            core,
            self.product.halves(),
            (zone, self.result),
            |product| {
                if [height, width] == [r, s] {
                    let cx = &Context::single_threaded();
                    return Ok(formulas::t_ncf(cx, layout, [c, k, r, s], product)?.to_vec());
                }
                let mut dk = vec![Origin::default(); self.len];
                formulas::collect(layout, conv, product, &mut dk)?;
                Ok(dk)
            },
        )
    }

    /// Issues a converter for all groups, and a barrier after it: the next program takes the same places in UB.
    fn convert(
        &self,
        core: &mut Core<'_>,
        len: usize,
        (from, to): (Zone, Zone),
        converter: impl FnOnce(&[Origin]) -> Converted<Vec<Origin>>,
    ) -> Result<(), Refusal> {
        let origins = converter(&addresses(len)?)?;
        let relayout = Relayout::of(core.profile(), len, &origins)?;
        let groups = (0..self.groups).map(|group| (from.at(group), to.at(group)));
        relayout.issue(core, groups)?;
        core.issue(Instruction::Barrier)?;
        Ok(())
    }
}
