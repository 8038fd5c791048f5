/** What other contexts may know of customers: that they exist and that they are forgotten, and nothing about them. */
export { CustomerForgotten, CustomerRegistered } from './customer-events.js';
