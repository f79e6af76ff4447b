// What function nodes ask of RabbitMQ. The palette's own node has no publisher confirms, so this is amqplib itself.
const amqplib = require("amqplib");
const { randomBytes } = require("crypto");

const AT_ONCE = 32;

// Without noDelay every confirm waits for the other side's delayed acknowledgement, some 40 ms.
const connected = () => amqplib.connect(process.env.PEER_BROKER, { noDelay: true });

// Returns a function that publishes bytes and returns their id once the broker has confirmed them in a queue.
async function publisher() {
    const channel = await (await connected()).createConfirmChannel();
    const returned = new Set();
    channel.on("return", (message) => returned.add(message.properties.messageId));
    return (bytes) =>
        new Promise((resolve, reject) => {
            const messageId = randomBytes(15).toString("hex");
            const options = { persistent: true, mandatory: true, messageId, contentType: "application/json" };
            const confirmed = (refused) =>
                refused || returned.delete(messageId) ? reject(new Error("not in a queue")) : resolve(messageId);
            channel.publish(process.env.PEER_EXCHANGE, process.env.PEER_KEY, bytes, options, confirmed);
        });
}

// Calls `take` with each document; what it took must be given to `done`.
async function consumer(take) {
    const channel = await (await connected()).createChannel();
    await channel.prefetch(AT_ONCE);
    await channel.consume(process.env.PEER_QUEUE, take);
    return { done: (taken, good) => (good ? channel.ack(taken) : channel.nack(taken)) };
}

module.exports = { publisher, consumer };
