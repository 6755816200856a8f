export * from "./names";
export * from "./network";
export * from "./quantities";
export { checked, text } from "./text";
