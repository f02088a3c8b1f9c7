-- Health, snapshots of machines and fleet, predictions and how right they were.

