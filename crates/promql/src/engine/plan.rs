//! Plans the evaluation of each node of an expression tree, once the query's times are
//! known: durations computed, `@` resolved, functions of the query folded into numbers, and the
//! parts found that have the same value at every step.
//!
//! Nodes are evaluated in the order of their numbers, without recursion. Only where the grid of
//! times changes (inside a subquery, and for a part that is evaluated once) a new [`Scope`] begins.
//!
//! Source for the rules: prometheus promql/engine.go `PreprocessExpr` and what it calls.

use std::sync::Arc;

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::functions::{Implementation, QueryConstant};
use super::limits::MAX_NESTED_EVALUATIONS;
use super::options::EngineOptions;
use super::windows::RangeSpec;
use crate::Timestamp;
use crate::storage::SelectHints;
use crate::syntax::{
    Ast, AtModifier, BinaryOp, DurationArg, Expr, ExprKind, NodeId, ValueType, VectorSelector,
};
use go::Duration;
use text::Span;

/// A selection of series with its times resolved.
#[derive(Clone, Debug)]
pub(super) struct SelectorPlan {
    pub node: NodeId,
    /// Milliseconds into the past.
    pub offset: i64,
    /// The time to look at, whatever the step's time is.
    pub at: Option<Timestamp>,
    /// Milliseconds; 0 for an instant vector.
    pub range: i64,
    pub anchored: bool,
    pub smoothed: bool,
    /// Only count and sum of native histograms are needed.
    pub skip_buckets: bool,
    /// Hints for the storage about the expression around the selector.
    pub function: Option<&'static str>,
    pub grouping: Vec<Arc<str>>,
    pub by: bool,
    pub span: Span,
}

impl SelectorPlan {
    /// The windows of a range vector. `lookback` is in milliseconds.
    pub fn spec(&self, lookback: i64) -> RangeSpec {
        RangeSpec {
            range: self.range,
            offset: self.offset,
            at: self.at,
            anchored: self.anchored,
            smoothed: self.smoothed,
            lookback,
            span: self.span,
        }
    }

    /// The hints for reading the samples after `start` and up to `end`.
    pub fn hints(
        &self,
        (start, end): (Timestamp, Timestamp),
        eval_steps: &EvalSteps,
    ) -> SelectHints {
        SelectHints {
            // The sample at the start is out of the window, but the statistics of a histogram
            // depend on the histogram before.
            start: if self.skip_buckets { start } else { start.saturating_add(1) },
            end,
            step: eval_steps.step,
            range: self.range,
            function: self.function,
            grouping: self.grouping.clone(),
            by: self.by,
        }
    }
}

/// A subquery with its times resolved.
#[derive(Clone, Debug)]
pub(super) struct SubqueryPlan {
    pub range: i64,
    pub step: i64,
    pub offset: i64,
    pub at: Option<Timestamp>,
    /// The scope of the inner expression.
    pub scope: usize,
}

/// The evaluation strategy of a node.
#[derive(Clone, Debug)]
pub(super) enum NodePlan {
    /// Not evaluated: the parent reads the tree itself.
    Unused,
    Number(f64),
    Instant(SelectorPlan),
    /// Read by the function around it.
    Range(SelectorPlan),
    /// Evaluated by the function around it.
    Subquery(SubqueryPlan),
    /// An operator, aggregation or function over the values of its operands.
    Operation,
}

/// Nodes that are evaluated over the same grid, in order; the last is the result.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub nodes: Vec<NodeId>,
}

/// A tree made ready for evaluation.
pub(super) struct QueryPlan<'q> {
    pub ast: &'q Ast,
    pub plans: Vec<NodePlan>,
    pub scopes: Vec<Scope>,
    /// For a node that is evaluated once: the scope of its own.
    pub once: Vec<Option<usize>>,
}

impl<'q> QueryPlan<'q> {
    pub fn new(
        ast: &'q Ast,
        eval_steps: EvalSteps,
        end: Timestamp,
        step: Duration,
        options: &EngineOptions,
    ) -> Result<Self, QueryError> {
        validate_options(ast, options)?;
        let query = QueryTimes { start: eval_steps.start, end, step, eval_steps };
        let in_param = nodes_in_parameters(ast);
        let parents = ast.parents();
        let mut plans = Vec::with_capacity(ast.len());
        for (id, expr) in ast.iter() {
            let fixed = in_param.get(id.index()).copied().unwrap_or(false);
            plans.push(plan_node(ast, id, expr, &query, fixed, &parents, options)?);
        }
        mark_unused(ast, &mut plans);
        let once = step_invariant_parts(ast, &plans, &in_param);
        let mut query_plan = Self { ast, plans, scopes: vec![Scope::default()], once: vec![] };
        query_plan.assign_scopes(&once)?;
        Ok(query_plan)
    }

    pub fn node_plan(&self, id: NodeId) -> &NodePlan {
        self.plans.get(id.index()).unwrap_or(&NodePlan::Unused)
    }

    /// Gives each node its scope, parents first.
    fn assign_scopes(&mut self, once: &[bool]) -> Result<(), QueryError> {
        let mut scope_of = vec![0; self.ast.len()];
        let mut depths = vec![0];
        self.once = vec![None; self.ast.len()];
        let mut open = |scopes: &mut Vec<Scope>, outer: usize| {
            let depth = depths.get(outer).copied().unwrap_or_default() + 1;
            if depth > MAX_NESTED_EVALUATIONS {
                return Err(QueryError::bad_data("expression is nested too deeply"));
            }
            scopes.push(Scope::default());
            depths.push(depth);
            Ok(scopes.len() - 1)
        };
        for (id, expr) in self.ast.iter().rev() {
            let outer = scope_of[id.index()];
            let mut inner = outer;
            if once[id.index()] {
                inner = open(&mut self.scopes, outer)?;
                self.once[id.index()] = Some(inner);
                self.scopes[inner].nodes.push(id);
            }
            if let NodePlan::Subquery(plan) = &mut self.plans[id.index()] {
                inner = open(&mut self.scopes, outer)?;
                plan.scope = inner;
            } else if !matches!(self.plans[id.index()], NodePlan::Unused | NodePlan::Range(_)) {
                self.scopes[outer].nodes.push(id);
            }
            for child in expr.kind.children() {
                scope_of[child.index()] = inner;
            }
        }
        for scope in &mut self.scopes {
            scope.nodes.reverse();
        }
        Ok(())
    }
}

/// The times of the whole query.
struct QueryTimes {
    start: Timestamp,
    end: Timestamp,
    step: Duration,
    eval_steps: EvalSteps,
}

impl QueryTimes {
    fn duration(&self, arg: &DurationArg, may_be_negative: bool) -> Result<i64, QueryError> {
        let range = Duration(self.end.saturating_sub(self.start));
        match arg {
            DurationArg::Fixed(duration) => Ok(duration.millis()),
            DurationArg::Computed(expr) => expr
                .evaluate(self.step, range, may_be_negative)
                .map(Duration::millis)
                .map_err(|error| QueryError::bad_data(error.to_string())),
        }
    }

    /// Returns the value of a constant, in seconds.
    fn constant(&self, constant: QueryConstant) -> f64 {
        match constant {
            QueryConstant::Start => self.start as f64 / 1000.0,
            QueryConstant::End => self.end as f64 / 1000.0,
            QueryConstant::Range => Duration(self.end.saturating_sub(self.start)).seconds(),
            QueryConstant::Step if self.start == self.end => 0.0,
            QueryConstant::Step => self.step.seconds(),
        }
    }

    fn at(&self, at: Option<AtModifier>) -> Option<Timestamp> {
        Some(match at? {
            AtModifier::Time(time) => time,
            AtModifier::Start => self.start,
            AtModifier::End => self.end,
        })
    }
}

fn validate_options(ast: &Ast, options: &EngineOptions) -> Result<(), QueryError> {
    if options.at_modifier && options.negative_offset {
        return Ok(());
    }
    for (_, expr) in ast.iter() {
        let (at, offset) = match &expr.kind {
            ExprKind::Subquery(subquery) => (subquery.at, subquery.offset.as_ref()),
            kind => match kind.selector() {
                Some(selector) => (selector.at, selector.offset.as_ref()),
                None => continue,
            },
        };
        if at.is_some() && !options.at_modifier {
            return Err(QueryError::bad_data("@ modifier is disabled"));
        }
        let negative =
            offset.and_then(DurationArg::fixed).is_some_and(|offset| offset.millis() < 0);
        if negative && !options.negative_offset {
            return Err(QueryError::bad_data("negative offset is disabled"));
        }
    }
    Ok(())
}

/// Nodes below the parameter of an aggregation. Prometheus leaves them out when it resolves `@`
/// and looks for parts to evaluate once.
fn nodes_in_parameters(ast: &Ast) -> Vec<bool> {
    let mut inside = vec![false; ast.len()];
    for (id, expr) in ast.iter().rev() {
        let below = inside[id.index()];
        let param = match &expr.kind {
            ExprKind::Aggregate(aggregate) => aggregate.param,
            _ => None,
        };
        for child in expr.kind.children() {
            inside[child.index()] = below || param == Some(child);
        }
    }
    inside
}

/// Plans an instant selector outside of a parameter.
fn plan_selector(
    ast: &Ast,
    id: NodeId,
    selector: &VectorSelector,
    query: &QueryTimes,
    parents: &[Option<NodeId>],
) -> Result<SelectorPlan, QueryError> {
    let offset = selector.offset.as_ref();
    let mut plan = SelectorPlan {
        node: id,
        offset: offset.map_or(Ok(0), |offset| query.duration(offset, true))?,
        at: query.at(selector.at),
        range: 0,
        anchored: selector.anchored,
        smoothed: selector.smoothed,
        skip_buckets: only_statistics_needed(ast, id, parents),
        function: function_around(ast, id, parents),
        grouping: Vec::new(),
        by: false,
        span: ast.get(id).span,
    };
    let parent = parents.get(id.index()).copied().flatten().map(|parent| &ast.get(parent).kind);
    if let Some(ExprKind::Aggregate(aggregate)) = parent {
        plan.grouping.clone_from(&aggregate.grouping);
        plan.by = !aggregate.without;
    }
    Ok(plan)
}

fn plan_node(
    ast: &Ast,
    id: NodeId,
    expr: &Expr,
    query: &QueryTimes,
    in_param: bool,
    parents: &[Option<NodeId>],
    options: &EngineOptions,
) -> Result<NodePlan, QueryError> {
    let selector = |selector: &VectorSelector, range: i64| {
        let mut plan = plan_selector(ast, id, selector, query, parents)?;
        plan.range = range;
        if in_param {
            // There `@ start()` and `@ end()` have no effect, and `@ <time>` holds for the first
            // step only, with the later steps as far after it as after the first.
            plan.at = None;
            if let Some(AtModifier::Time(time)) = selector.at {
                plan.offset =
                    plan.offset.saturating_add(query.eval_steps.start.saturating_sub(time));
            }
        }
        Ok::<_, QueryError>(plan)
    };
    Ok(match &expr.kind {
        ExprKind::Number { value, .. } => NodePlan::Number(*value),
        ExprKind::String(_) => NodePlan::Unused,
        ExprKind::Vector(vector) => NodePlan::Instant(selector(vector, 0)?),
        ExprKind::Matrix(matrix) => {
            let range = query.duration(&matrix.range, false)?;
            NodePlan::Range(selector(&matrix.selector, range)?)
        }
        ExprKind::Subquery(subquery) => {
            let offset =
                subquery.offset.as_ref().map_or(Ok(0), |offset| query.duration(offset, true))?;
            let step = subquery.step.as_ref().map_or(Ok(0), |step| query.duration(step, false))?;
            let range = query.duration(&subquery.range, false)?;
            let default_step = options.default_subquery_step.millis().max(1);
            NodePlan::Subquery(SubqueryPlan {
                range,
                step: if step > 0 { step } else { default_step },
                offset,
                at: query
                    .at(subquery.at.filter(|at| !in_param || matches!(at, AtModifier::Time(_)))),
                scope: 0,
            })
        }
        ExprKind::Call(call) => match Implementation::of(call.function) {
            Implementation::Constant(constant) => NodePlan::Number(query.constant(constant)),
            _ => NodePlan::Operation,
        },
        ExprKind::Aggregate(_)
        | ExprKind::Binary(_)
        | ExprKind::Unary { .. }
        | ExprKind::Paren(_) => NodePlan::Operation,
    })
}

/// Returns the name of the function or aggregation around a selector. Stops at binary operators.
/// Source: prometheus promql/engine.go `extractFuncFromPath`.
fn function_around(ast: &Ast, id: NodeId, parents: &[Option<NodeId>]) -> Option<&'static str> {
    let mut up = parents.get(id.index()).copied().flatten();
    while let Some(parent) = up {
        match &ast.get(parent).kind {
            ExprKind::Aggregate(aggregate) => return Some(aggregate.op.name()),
            ExprKind::Call(call) => return Some(call.function.name()),
            ExprKind::Binary(_) => return None,
            _ => up = parents.get(parent.index()).copied().flatten(),
        }
    }
    None
}

/// Returns true if no function around a selector reads buckets of native histograms. Prometheus
/// then does not decode buckets, which affects counter reset hints and annotations.
fn only_statistics_needed(ast: &Ast, id: NodeId, parents: &[Option<NodeId>]) -> bool {
    let mut needed = false;
    let mut up = parents.get(id.index()).copied().flatten();
    while let Some(parent) = up {
        match &ast.get(parent).kind {
            ExprKind::Subquery(_) => return false,
            ExprKind::Call(call) => {
                let traits = call.function.get().traits;
                if traits.buckets {
                    return false;
                }
                needed |= traits.statistics;
            }
            ExprKind::Binary(binary)
                if matches!(binary.op, BinaryOp::TrimLower | BinaryOp::TrimUpper) =>
            {
                return false;
            }
            _ => {}
        }
        up = parents.get(parent.index()).copied().flatten();
    }
    needed
}

/// Takes out the nodes whose parent looks at the tree: what `timestamp` reads, the labels that
/// `info` adds, range vectors in parentheses, and whatever is below a folded function.
fn mark_unused(ast: &Ast, plans: &mut [NodePlan]) {
    let mut unused_below = |mut id: NodeId, keep_plan: bool| {
        while let ExprKind::Paren(inner) = ast.get(id).kind {
            plans[id.index()] = NodePlan::Unused;
            id = inner;
        }
        let plan = &mut plans[id.index()];
        *plan = match std::mem::replace(plan, NodePlan::Unused) {
            NodePlan::Instant(selector) if keep_plan => NodePlan::Range(selector),
            other if keep_plan => other,
            _ => NodePlan::Unused,
        };
    };
    for (id, expr) in ast.iter() {
        match &expr.kind {
            ExprKind::Call(call) => {
                let traits = call.function.get().traits;
                match *call.args.as_slice() {
                    [arg] if traits.sample_times => {
                        let inner = ast.unwrap_parens(arg);
                        if matches!(ast.get(inner).kind, ExprKind::Vector(_)) {
                            unused_below(arg, true);
                        }
                    }
                    [_, labels] if traits.label_selector => unused_below(labels, false),
                    _ => {}
                }
            }
            ExprKind::Paren(_)
                if matches!(ast.type_of(id), ValueType::Matrix | ValueType::String) =>
            {
                unused_below(id, true);
            }
            _ => {}
        }
    }
}

/// The step invariance of a node: whether it has the same value at each step, and whether it can be
/// evaluated once.
#[derive(Clone, Copy, Default)]
struct Invariance {
    invariant: bool,
    wrap: bool,
}

impl Invariance {
    const fn both(yes: bool) -> Self {
        Self { invariant: yes, wrap: yes }
    }
}

/// The highest nodes that have the same value at every step, by number.
fn step_invariant_parts(ast: &Ast, plans: &[NodePlan], in_param: &[bool]) -> Vec<bool> {
    let mut once = vec![false; ast.len()];
    let mut found: Vec<Invariance> = Vec::with_capacity(ast.len());
    for (id, expr) in ast.iter() {
        if in_param[id.index()] {
            found.push(Invariance::default());
            continue;
        }
        let of = |id: NodeId| found.get(id.index()).copied().unwrap_or_default();
        let this = match (&plans[id.index()], &expr.kind) {
            (NodePlan::Number(_), _) | (_, ExprKind::String(_)) => {
                Invariance { invariant: true, wrap: false }
            }
            (NodePlan::Instant(plan), _) => Invariance::both(plan.at.is_some()),
            (NodePlan::Range(plan), _) => Invariance { invariant: plan.at.is_some(), wrap: false },
            (NodePlan::Subquery(plan), ExprKind::Subquery(subquery)) => {
                once[subquery.expr.index()] = of(subquery.expr).invariant;
                Invariance { invariant: plan.at.is_some(), wrap: false }
            }
            (_, ExprKind::Aggregate(aggregate)) => of(ast.unwrap_parens(aggregate.expr)),
            (_, ExprKind::Binary(binary)) => {
                let sides = [of(binary.lhs), of(binary.rhs)];
                if sides.iter().all(|side| side.invariant) {
                    Invariance::both(true)
                } else {
                    once[binary.lhs.index()] = sides[0].wrap;
                    once[binary.rhs.index()] = sides[1].wrap;
                    Invariance::default()
                }
            }
            (_, ExprKind::Call(call)) => {
                let args = call.args.iter().map(|&arg| ast.unwrap_parens(arg));
                let all = args.clone().all(|arg| of(arg).invariant);
                let traits = call.function.get().traits;
                let times_of_samples = traits.sample_times
                    && args.clone().all(|arg| matches!(ast.get(arg).kind, ExprKind::Vector(_)));
                if all && (!traits.time_dependent || times_of_samples) {
                    Invariance::both(true)
                } else {
                    args.for_each(|arg| once[arg.index()] = of(arg).wrap);
                    Invariance::default()
                }
            }
            (_, ExprKind::Unary { expr, .. } | ExprKind::Paren(expr)) => of(*expr),
            _ => Invariance::default(),
        };
        found.push(this);
    }
    let root = ast.root();
    if found.last().is_some_and(|root| root.wrap) {
        once[root.index()] = true;
    }
    once
}
