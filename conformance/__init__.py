"""The conformance suite: the rules that every adapter passes, and the quality level that it earns by them.

Authors of adapters write none of it. What is where:

    rules, catalogue                         a rule; all rules, by level
    runner, levels, report                   check an adapter; compute its level; print and write the report
    adapters, check_context                  the adapters to be checked; what a rule is handed
    simulator_process, gateway_fixture       the adapter's simulator as a process; a gateway in front of it
    questions, exploration, outcomes         questions to an adapter; all of them put once; their outcomes
    question_route                           the upstream stack between adapter and simulator
    proxy, http_messages, damages, targets   answers damaged on the wire
    mutation                                 recorded answers damaged, thousands at a time
    write_runner, commands                   writes, and the commands that they carry
    leaks, memory                            secrets in logs and errors; memory in use
    plugin                                   the rules as pytest tests, for authors of adapters

The other modules are checks, one subject each. Run by `python -m conformance check …`, which `gerbang adapter check`
starts.
"""
