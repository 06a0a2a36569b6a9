/**
 * What bundles get for `node:http`. Importing the real one reads each of its exports, among them `WebSocket`, for which Node
 * loads undici: 36 instead of 3 ms of processor time, which the first request to DynamoDB would wait for.
 */
module.exports = process.getBuiltinModule('node:http');
