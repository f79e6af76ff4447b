"""RabbitMQ: wake-ups between processes, and queues that partners own."""
