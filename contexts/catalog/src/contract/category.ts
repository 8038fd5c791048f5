/** What a product can be. Taxes go by it. */
export const CATEGORIES = ['books', 'clothing', 'electronics', 'food', 'furniture', 'garden', 'other', 'toys'] as const;
export type Category = (typeof CATEGORIES)[number];
