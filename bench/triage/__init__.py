"""Training and measuring of the risk screening; reads data by a path given to it, never shipped."""
