//! Concrete positions for messages: what a formula reads and writes there.

use crate::diagnostic::Diagnostic;
use crate::nest::Scalar;
use crate::sema::eval::Values;
use crate::sema::model::{Expr, ExprKind};
use crate::source::Span;

use super::enumerate::Point;
use super::setup::Model;
use super::text;

impl Model<'_> {
    fn numbers(&self) -> Vec<Option<i64>> {
        let number = |s: &Scalar| match s {
            Scalar::Const(n) => Some(*n),
            _ => None,
        };
        self.sizes.iter().map(number).collect()
    }

    /// The values of indices at a point; None if one cannot be computed.
    pub(crate) fn indices(&self, exprs: &[Expr], point: &Point) -> Option<Vec<i64>> {
        let sizes = self.numbers();
        let point: Vec<i64> = point
            .iter()
            .map(|v| i64::try_from(*v))
            .collect::<Result<_, _>>()
            .ok()?;
        let values = Values::new(&sizes, &point, &self.converter.rule.definitions);
        exprs.iter().map(|expr| values.number(expr).ok()).collect()
    }

    /// `Y[0,1]` with the values of the left side at a point.
    pub(crate) fn written(&self, point: &Point) -> String {
        let rule = &self.converter.rule;
        place(
            &self.converter.output.name.text,
            self.indices(&rule.left, point),
        )
    }

    /// `X[0,1]` with the values of the source at a point.
    pub(crate) fn read(&self, point: &Point) -> String {
        let rule = &self.converter.rule;
        place(
            &self.converter.input.name.text,
            self.indices(&rule.source, point),
        )
    }

    /// `Y[0,1] reads X[2]`
    pub(crate) fn reading(&self, point: &Point) -> String {
        format!("{} reads {}", self.written(point), self.read(point))
    }

    /// `witness Y[0,1] reads X[2]`
    pub(crate) fn witness(&self, point: &Point) -> String {
        format!("witness {}", self.reading(point))
    }

    /// `j0 = 3, j1 = 0`
    pub(crate) fn iteration(&self, point: &Point) -> String {
        let iterators = self.converter.rule.iterators.iter();
        let list: Vec<String> = iterators
            .zip(point)
            .map(|(iterator, value)| format!("{} = {value}", iterator.name.text))
            .collect();
        list.join(", ")
    }

    /// The smallest place to blame for an index: of a `where` name its definition.
    pub(crate) fn blame(&self, expr: &Expr) -> Span {
        match &expr.kind {
            ExprKind::Def(id) => self.converter.rule.definitions[id.index()].value.span,
            _ => expr.span,
        }
    }

    /// An extent with its value: `C/16 = 2`, or only one of them if they are the same.
    pub(crate) fn extent(&self, expr: &Expr, value: &Scalar) -> String {
        let (written, value) = (
            text::expr(expr, self.converter),
            text::scalar(value, self.converter),
        );
        if written == value {
            written
        } else {
            format!("{written} = {value}")
        }
    }

    /// Takes an error or a warning.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// `Y[0,1]`
pub(crate) fn place(name: &str, indices: Option<Vec<i64>>) -> String {
    let list = indices.map(|all| all.iter().map(i64::to_string).collect::<Vec<_>>().join(","));
    format!("{name}[{}]", list.unwrap_or_else(|| "..".to_owned()))
}
