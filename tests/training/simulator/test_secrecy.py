"""Nothing outside the simulator can read its truth: an architecture test, beside the import contracts."""

from grimp import build_graph


def test_only_the_commands_import_the_simulator() -> None:
    graph = build_graph("engine", "training", "models")

    importers = {
        importer
        for module in {"training.simulator"} | graph.find_descendants("training.simulator")
        for importer in graph.find_modules_that_directly_import(module)
        if not importer.startswith("training.simulator")
    }

    assert {name for name in importers if not name.startswith("training.commands.")} == set()


def test_of_the_simulator_only_the_loop_knows_the_engine() -> None:
    graph = build_graph("engine", "training", "models")

    importers = {
        importer
        for importer in {"training.simulator"} | graph.find_descendants("training.simulator")
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.split(".")[0] == "engine"
    }

    assert {name for name in importers if not name.startswith("training.simulator.loop.")} == set()
