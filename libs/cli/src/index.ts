export { defineConfig, type GestaConfig } from './configuration/gesta-config.js';
