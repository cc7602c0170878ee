// Line charts: a thin wrapper around uPlot. Colors come from the custom properties of the page.
import { imported } from "./load.js";

// uPlot is a separate file that is fetched for the first chart.
let uPlot;
let fetched;

let attempts = 0;

function fetchPlot() {
  fetched ??= imported("plot.js", attempts++).then(
    (module) => void (uPlot = module.default),
    (error) => {
      fetched = undefined;
      throw error;
    },
  );
  return fetched;
}

/** What a chart shows if uPlot did not load. */
function missing(error, retry) {
  const text = document.createElement("p");
  text.textContent = `The graph library did not load. ${error?.message ?? error}. Check the network connection, then try again.`;
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Try again";
  again.addEventListener("click", retry);
  const note = document.createElement("div");
  note.className = "chart-missing";
  note.setAttribute("role", "status");
  note.append(text, again);
  return note;
}

/** The color that a custom property has in the current theme, in a form that a canvas accepts. */
function color(parent, name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  parent.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function clock(seconds) {
  const s = Math.round(seconds);
  const parts = [Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, "0"));
  return s >= 3600 ? `${Math.floor(s / 3600)}:${parts.join(":")}` : `${Math.floor(s / 60)}:${parts[1]}`;
}

// Tick intervals of the time axis, in seconds.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

function number(value) {
  if (value == null) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return String(Number(value.toPrecision(6)));
}

function axisNumber(value) {
  const size = Math.abs(value);
  for (const [limit, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (size >= limit) return `${Number((value / (unit === "k" ? 1e3 : limit)).toPrecision(4))}${unit}`;
  }
  return number(value);
}

/** Above this number of lines, lines are thin and have no dots under the pointer. */
const MANY = 20;

/** A chart that fills its parent. `spec`: { series: [{ label, dash, points }], min, max, stepped }. */
export class Chart {
  constructor(parent, onHover) {
    this.parent = parent;
    this.onHover = onHover;
    this.data = [[]];
    this.spec = undefined;
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(parent);
    this.theme = new MutationObserver(() => this.rebuild());
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.rescheme = () => this.rebuild();
    this.scheme.addEventListener("change", this.rescheme);
  }

  size() {
    return { width: Math.max(this.parent.clientWidth, 80), height: Math.max(this.parent.clientHeight, 80) };
  }

  fit() {
    this.plot?.setSize(this.size());
  }

  /** `columns`: one Float64Array of seconds, then one for each series; NaN is a gap. */
  update(json, columns) {
    const data = columns.map((column, i) => (i === 0 ? Array.from(column) : Array.from(column, (v) => (Number.isNaN(v) ? null : v))));
    this.spec = json;
    this.data = data;
    // Drawing is a separate task, after the task that rendered the page around it.
    this.waits ??= setTimeout(() => {
      this.waits = undefined;
      if (this.gone) return;
      if (this.drawn === this.spec && this.plot) this.plot.setData(this.data, true);
      else this.rebuild();
    });
  }

  rebuild() {
    if (this.spec === undefined || this.gone) return;
    if (!uPlot) {
      fetchPlot().then(
        () => this.rebuild(),
        (error) => {
          if (!this.gone) this.parent.replaceChildren(missing(error, () => this.rebuild()));
        },
      );
      return;
    }
    if (!this.plot) this.parent.textContent = "";
    this.plot?.destroy();
    this.drawn = this.spec;
    const spec = JSON.parse(this.spec);
    const colors = Array.from({ length: 8 }, (_, i) => color(this.parent, `--c${i + 1}`));
    const many = spec.series.length > MANY;
    const ink = color(this.parent, "--ink-3");
    const grid = { stroke: color(this.parent, "--line"), width: 1 };
    const axis = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font: `11px ${getComputedStyle(this.parent).fontFamily}` };
    const x = (u, min, max) => [spec.min ?? min ?? 0, spec.max ?? max ?? 1];
    const y = (u, min, max) => {
      if (min == null || max == null) return [0, 1];
      if (min === max) return min === 0 ? [0, 1] : min > 0 ? [0, max * 1.25] : [min * 1.25, 0];
      const pad = (max - min) * 0.08;
      return [min >= 0 && min < max / 2 ? 0 : min - pad, max + pad];
    };
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [10, 24, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: !many, size: 7 }, drag: { x: false, y: false } },
        scales: { x: { time: false, range: x }, y: { range: y } },
        axes: [
          { ...axis, incrs: STEPS, space: 60, values: (u, ticks) => ticks.map(clock) },
          { ...axis, size: 54, values: (u, ticks) => ticks.map(axisNumber) },
        ],
        series: [
          {},
          ...spec.series.map((s, i) => ({
            label: s.label,
            stroke: colors[(s.color ?? i) % 8],
            width: many ? 1 : 2,
            dash: s.dash ? [5, 4] : undefined,
            points: { show: s.points ?? false, size: 6 },
            paths: spec.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [(u) => this.onHover?.(u.cursor.idx ?? -1)] },
      },
      this.data,
      this.parent,
    );
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.waits);
    this.resize.disconnect();
    this.theme.disconnect();
    this.scheme.removeEventListener("change", this.rescheme);
    this.plot?.destroy();
  }
}
