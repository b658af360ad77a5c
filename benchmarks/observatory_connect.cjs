// Loaded before MDN's scanner (node --require): connections to the site under test go to the loopback ports where it
// listens, as curl's --connect-to does. The scanner itself stays as it is.
const net = require("node:net");

const ports = JSON.parse(process.env.OBSERVATORY_PORTS);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  const port = options && ports[`${options.host}:${options.port}`];
  if (port) {
    Object.assign(options, { host: "127.0.0.1", port, lookup: undefined });
  }
  return connect.apply(this, given);
};
