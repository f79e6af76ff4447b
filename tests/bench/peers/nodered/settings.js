// Node-RED as a runtime only: no editor, nothing downloaded, nobody told that it runs, loopback only.
const { readFileSync } = require("fs");

// The JSON node knows drafts 6 and 7 only; of what this schema uses, nothing has changed since.
const { $schema, ...schema } = JSON.parse(readFileSync(process.env.PEER_SCHEMA));

module.exports = {
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.PEER_PORT),
    httpAdminRoot: false,
    readOnly: true,
    telemetry: { enabled: false, updateNotification: false },
    externalModules: {
        autoInstall: false,
        palette: { allowInstall: false, allowUpdate: false },
        modules: { allowInstall: false },
    },
    functionGlobalContext: {
        broker: require("./broker.js"),
        schema,
    },
    logging: { console: { level: "info", metrics: false, audit: false } },
};
