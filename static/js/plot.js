// uPlot. chart.js fetches this file for the first chart.
export { default } from "uplot";
