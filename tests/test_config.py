from __future__ import annotations

from gzmap import config


def test_boxes_are_west_south_east_north_and_nested():
    for west, south, east, north in (config.STUDY_BBOX, config.HOME_BBOX):
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
    (w, s, e, n), (hw, hs, he, hn) = config.STUDY_BBOX, config.HOME_BBOX
    assert w <= hw < he <= e
    assert s <= hs < hn <= n


def test_delivery_begins_with_storage_and_has_the_metric_crs():
    assert config.DELIVERY_CRS[0] == config.STORAGE_CRS
    assert config.METRIC_CRS in config.DELIVERY_CRS


def test_a_disc_is_drawn_before_a_feature_is_folded_away():
    assert 0 < config.DISC_ACCURACY_M < config.WIDE_ACCURACY_M


def test_paths_are_relative_to_the_project():
    files = (config.PLAN_DIR, config.SOURCES_FILE, config.CATALOG_FILE, config.MENTIONS_FILE, config.TOPONYMS_FILE)
    assert not any(path.is_absolute() for path in files)
