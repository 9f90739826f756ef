import w3pin = require("w3pin");

const client: w3pin.Client = new w3pin.Client();
const pin: Promise<w3pin.Pin> = client.getPin("x");
export = pin;
