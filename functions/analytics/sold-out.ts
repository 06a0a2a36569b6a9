/** SQL: whether a row of `sales_facts`, named by its alias, sold all of its stock; null if the data set doesn't tell the stock. */
export const SOLD_OUT = (row: string) => `${row}.units_sold >= ${row}.inventory_level`;
