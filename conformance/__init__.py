"""The conformance suite: the rules that every adapter must pass, and the quality level that it earns.

Authors of adapters do not write these checks. The modules:

    rules, catalogue                         the definition of a rule; all rules, by level
    runner, levels, report                   check an adapter; compute its level; print and write the report
    adapters, check_context                  find the adapters to check; the input of every rule
    simulator_process, gateway_fixture       the adapter's simulator as a process; a gateway in front of it
    questions, exploration, outcomes         questions to an adapter; all of them asked once; their outcomes
    question_route                           the upstream stack between adapter and simulator
    proxy, http_messages, damages, targets   damage HTTP answers between simulator and adapter
    mutation                                 damage recorded answers, thousands at a time
    write_runner, commands                   carry out writes; build their commands
    leaks, memory                            detect secrets in logs and errors; measure memory
    plugin                                   run the rules as pytest tests

Each other module checks one subject. `python -m conformance check …` runs the suite; `gerbang adapter check` starts it.
"""
