//! Numbers to pixels, and the numbers to write beside an axis.

/// How numbers spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Equal differences take equal space; starts at 0.
    Linear,
    /// Equal ratios take equal space; for positive numbers.
    Logarithmic,
}

/// A horizontal axis.
#[derive(Debug)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    left: i32,
    right: i32,
}

impl Axis {
    /// An axis over pixels `left..right` with room for all `values`.
    pub(super) fn new(
        scale: Scale,
        values: impl Iterator<Item = f64> + Clone,
        left: i32,
        right: i32,
    ) -> Axis {
        let usable = values.filter(|&value| value.is_finite() && value > 0.0);
        let largest = usable.clone().fold(f64::MIN_POSITIVE, f64::max);
        let smallest = usable.fold(largest, f64::min);
        let (low, high) = match scale {
            Scale::Linear => (0.0, largest * 1.02),
            Scale::Logarithmic => (smallest / 1.25, largest * 1.1),
        };
        Axis {
            scale,
            low,
            high,
            left,
            right,
        }
    }

    /// The pixel of a number; numbers beyond the axis are at its ends.
    pub(super) fn pixel(&self, value: f64) -> i32 {
        let part = match self.scale {
            Scale::Linear => value / self.high,
            Scale::Logarithmic => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        let part = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self.left + (part * f64::from(self.right - self.left)).round() as i32
    }

    /// Round numbers to mark.
    pub(super) fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear => {
                let rough = self.high / 8.0;
                let power = 10_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
                let step = step
                    .into_iter()
                    .find(|&step| step >= rough)
                    .unwrap_or(rough);
                (0..=8)
                    .map(|count| f64::from(count) * step)
                    .filter(|&tick| tick <= self.high)
                    .collect()
            }
            Scale::Logarithmic => {
                let decades = (self.high / self.low).log10();
                let factors: &[f64] = if decades > 3.5 {
                    &[1.0]
                } else {
                    &[1.0, 2.0, 5.0]
                };
                let first = self.low.log10().floor() as i32;
                let last = self.high.log10().ceil() as i32;
                (first..=last)
                    .flat_map(|power| {
                        factors
                            .iter()
                            .map(move |factor| factor * 10_f64.powi(power))
                    })
                    .filter(|&tick| tick >= self.low && tick <= self.high)
                    .collect()
            }
        }
    }
}

/// A number as it stands beside an axis or a bar, with three digits: `0.05`, `2`, `50 k`, `2 M`.
pub(super) fn label(value: f64) -> String {
    let (scaled, unit) = match value {
        value if value >= 1e6 => (value / 1e6, " M"),
        value if value >= 1e3 => (value / 1e3, " k"),
        value => (value, ""),
    };
    let decimals = 10_f64.powf((2.0 - scaled.abs().log10().floor()).clamp(0.0, 4.0));
    format!("{}{unit}", (scaled * decimals).round() / decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_axes_start_at_zero() {
        let axis = Axis::new(Scale::Linear, [1.0, 100.0].into_iter(), 10, 112);
        assert_eq!(
            [0.0, 50.0, 102.0, 1e9].map(|value| axis.pixel(value)),
            [10, 60, 112, 112]
        );
        assert_eq!(axis.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }

    #[test]
    fn logarithmic_axes_mark_1_2_5() {
        let axis = Axis::new(Scale::Logarithmic, [0.5, 20.0].into_iter(), 0, 100);
        assert_eq!(axis.ticks(), [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert!(axis.pixel(1.0) < axis.pixel(2.0));
        assert_eq!(axis.pixel(0.0), 0);
    }

    #[test]
    fn nothing_to_show_is_no_trouble() {
        for scale in [Scale::Linear, Scale::Logarithmic] {
            let axis = Axis::new(scale, [f64::NAN, 0.0].into_iter(), 0, 100);
            assert!(axis.ticks().len() < 100);
            assert!((0..=100).contains(&axis.pixel(1.0)));
        }
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(
            [0.0, 0.05, 2.0, 1.2345, 500.0, 1000.0, 50_000.0, 2e6].map(label),
            ["0", "0.05", "2", "1.23", "500", "1 k", "50 k", "2 M"]
        );
    }
}
