// uPlot, which chart.js fetches when it first draws.
export { default } from "uplot";
