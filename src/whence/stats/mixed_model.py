"""A linear model with one random level: y = X b + u[group] + e, u ~ N(0, s2 * l), e ~ N(0, s2).

`l` (lambda) is the variance between groups over the variance within. It is found by restricted maximum likelihood, on
one dimension: for fixed l everything else is closed form. l may be *negative* down to -1/largest group: then the
estimate of the between-group error is the mean square itself, and in balanced plans the tests and intervals are the
exact ones of the analysis of variance; cutting at zero would make some of them too wide and, by pooling after the
fact, others too narrow.

The variance of a contrast c'b is c' (X' V^-1 X)^-1 c; its degrees of freedom are Satterthwaite's, 2 var^2 / Var(var),
from the expected information of the two variances: exactly the between-group or the within-group degrees in balanced
plans, and something between for mixed contrasts.

Sources: H. D. Patterson and R. Thompson, Biometrika 58 (1971); F. E. Satterthwaite, Biometrics Bulletin 2 (1946);
F. G. Giesbrecht and J. C. Burns, Biometrics 41 (1985); A. H.-M. Fai and P. L. Cornelius, J. Stat. Comput. Simul. 54
(1996).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from whence.stats.scipy_calls import f_upper_tail, student_p, student_quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT = 1e-12
"""Residuals below this share of the data's size count as none: the metric repeats exactly."""
_LOWEST, _HIGHEST, _STEPS = -7.0, 14.0, 64
UNBOUNDED = 1e9


class MixedModel:
    """The fitted model. X: n x p of full column rank, n > p; group: n numbers 0 … g-1; ratio: l, found when None."""

    def __init__(self, x: Floats, y: Floats, group: Ints, ratio: float | None = None) -> None:
        self.x, self.y = x, y
        self.size, self.parameters = x.shape
        if self.size <= self.parameters:
            raise ValueError(f"{self.size} runs cannot carry {self.parameters} coefficients and an error")
        self._group = group
        self._counts = np.bincount(group).astype(np.float64)
        start, *_ = np.linalg.lstsq(x, y, rcond=None)
        self._start = np.asarray(start, dtype=np.float64)
        self._rest = np.asarray(y - x @ self._start, dtype=np.float64)
        self._gram = x.T @ x
        self._sums = np.zeros((self._counts.size, self.parameters))
        np.add.at(self._sums, group, x)
        self._rest_sums = np.bincount(group, weights=self._rest)
        self._split_degrees()
        self.exact = bool(np.abs(self._rest).max() <= EXACT * max(1.0, float(np.abs(y).max())))
        self.ratio = self._find_ratio() if ratio is None else ratio
        self._finish()

    def _split_degrees(self) -> None:
        """Counts what is left to estimate each error: between groups (whole plots) and within them."""
        indicators = np.zeros((self.size, self._counts.size))
        indicators[np.arange(self.size), self._group] = 1.0
        both = int(np.linalg.matrix_rank(np.column_stack([self.x, indicators])))
        self.between = both - self.parameters
        self.within = self.size - both
        self.single_level = bool(self._counts.max() < 1.5) or self.within == 0

    def _find_ratio(self) -> float:
        if self.single_level or self.exact:
            return 0.0
        if self.between == 0:
            return UNBOUNDED
        most = float(self._counts.max())
        places = np.linspace(_LOWEST, _HIGHEST, _STEPS)
        best = int(np.argmin([self._objective((math.exp(p) - 1) / most) for p in places]))
        low, high = float(places[max(best - 1, 0)]), float(places[min(best + 1, _STEPS - 1)])
        golden = (math.sqrt(5) - 1) / 2
        for _ in range(40):
            left, right = high - golden * (high - low), low + golden * (high - low)
            if self._objective((math.exp(left) - 1) / most) <= self._objective((math.exp(right) - 1) / most):
                high = right
            else:
                low = left
        return (math.exp((low + high) / 2) - 1) / most

    def _solve(self, ratio: float) -> tuple[Floats, Floats, float]:
        """Returns X'V^-1X, the correction of the start, and the weighted residual sum of squares."""
        shrink = ratio / (1 + ratio * self._counts)
        information = self._gram - self._sums.T @ (shrink[:, None] * self._sums)
        score = self.x.T @ self._rest - self._sums.T @ (shrink * self._rest_sums)
        step = np.linalg.solve(information, score)
        squares = float(self._rest @ self._rest - (shrink * self._rest_sums**2).sum() - step @ score)
        return information, np.asarray(step, dtype=np.float64), max(squares, 1e-300)

    def _objective(self, ratio: float) -> float:
        information, _, squares = self._solve(ratio)
        left = self.size - self.parameters
        log_v = float(np.log1p(ratio * self._counts).sum())
        return left * math.log(squares) + log_v + float(np.linalg.slogdet(information)[1])

    def _finish(self) -> None:
        information, step, squares = self._solve(self.ratio)
        self.coefficients: Floats = self._start + step
        inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
        within = self.between > 0 and self.ratio < UNBOUNDED
        degrees = self.size - self.parameters if self.single_level or within else self.within
        self.variance = 0.0 if self.exact else squares / degrees
        self.covariance: Floats = self.variance * inverse
        self.residuals: Floats = self.y - self.x @ self.coefficients
        shrink = self.ratio / (1 + self.ratio * self._counts)
        self._weighted_x = self.x - (shrink[:, None] * self._sums)[self._group]
        if not (self.single_level or self.exact) and within:
            self._variance_covariance = self._covariance_of_variances(inverse, shrink)

    def _covariance_of_variances(self, inverse: Floats, shrink: Floats) -> Floats:
        """Returns the 2 x 2 covariance of (s2, s2 l): twice the inverse of tr(P Vi P Vj)."""
        same = (self._group[:, None] == self._group[None, :]).astype(np.float64)
        v_inverse = np.eye(self.size) - same * shrink[self._group][:, None]
        p = (v_inverse - self._weighted_x @ inverse @ self._weighted_x.T) / self.variance
        p_same = p @ same
        information = np.array(
            [[(p * p).sum(), (p * p_same.T).sum()], [(p * p_same.T).sum(), (p_same * p_same.T).sum()]]
        )
        return np.asarray(2.0 * np.linalg.pinv(information, hermitian=True), dtype=np.float64)

    def error_of(self, contrast: Floats) -> tuple[float, float]:
        """Returns (standard error, degrees of freedom) of contrast @ coefficients; infinite error: not estimable."""
        variance = float(contrast @ self.covariance @ contrast)
        if self.exact:
            return 0.0, math.inf
        if self.single_level:
            return math.sqrt(max(variance, 0.0)), float(self.size - self.parameters)
        if self.ratio >= UNBOUNDED:
            wide = variance > 1e6 * self.variance * float(contrast @ contrast)
            return (math.inf if wide else math.sqrt(variance)), float(self.within)
        loading = self._weighted_x @ (self.covariance @ contrast) / self.variance
        by_group = np.bincount(self._group, weights=loading)
        gradient = np.array([float(loading @ loading), float(by_group @ by_group)])
        spread = float(gradient @ self._variance_covariance @ gradient)
        degrees = 2 * variance**2 / spread if spread > 0 else math.inf
        return math.sqrt(max(variance, 0.0)), min(max(degrees, 1.0), float(self.between + self.within))

    def f_test(self, contrasts: Floats) -> float | None:
        """Returns p of "all these contrasts (one a row) are zero"; degrees after Fai and Cornelius. None: no answer."""
        count = contrasts.shape[0]
        values = contrasts @ self.coefficients
        if self.exact:
            return 1.0 if float(np.abs(values).max(initial=0.0)) <= 1e-9 else 0.0
        spread, axes = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        if spread[0] <= 0:
            return None
        statistic = float(((axes.T @ values) ** 2 / spread).sum()) / count
        errors = [self.error_of(np.asarray(axis @ contrasts, dtype=np.float64)) for axis in axes.T]
        if any(not math.isfinite(error) for error, _ in errors):
            return None
        total = sum(degrees / (degrees - 2) for _, degrees in errors if degrees > 2.001)
        degrees = errors[0][1] if count == 1 else (2 * total / (total - count) if total > count else 1.0)
        return f_upper_tail(statistic, count, max(degrees, 1.0))


def t_interval(value: float, error: float, degrees: float, level: float) -> tuple[float, float]:
    """Returns value -+ t * error at coverage `level`; both ends infinite for an infinite error."""
    if error == 0.0:
        return value, value
    wide = student_quantile((1 + level) / 2, min(degrees, 1e9)) * error
    return value - wide, value + wide


def t_p(value: float, error: float, degrees: float) -> float:
    """Returns the two-sided p of "value is zero"; for an error of zero 1 for values below 1e-9, else 0."""
    if error == 0.0:
        return 1.0 if abs(value) <= 1e-9 else 0.0
    return student_p(value / error, min(degrees, 1e9)) if math.isfinite(error) else 1.0
