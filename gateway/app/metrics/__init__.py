"""What can be measured from outside, and how is it read? The only home of the Prometheus client."""
