-- The values to start with. One transaction, and so one contract revision.
select set_config('ihf.actor', 'migration', true);

insert into registries (name, label, description) values
  ('registries', 'Registries', 'The registries themselves.'),
  ('annotation_categories', 'Annotation categories', 'Categories of annotations.'),
  ('event_types', 'Event types', 'Types of interaction events.'),
  ('widget_types', 'Widget types', 'Types of widgets.');

insert into widget_types (name, label, description) values
  ('button', 'Button', 'Starts an action when pressed.'),
  ('link', 'Link', 'Leads to another page or section.'),
  ('form', 'Form', 'A group of inputs that is submitted together.'),
  ('text_input', 'Text input', 'A field for typed text.'),
  ('search_box', 'Search box', 'A field for a query that leads to results.'),
  ('select', 'Select', 'A list to choose from.'),
  ('checkbox', 'Checkbox', 'An option that is on or off, submitted with its form.'),
  ('toggle', 'Toggle', 'A switch that takes effect immediately.'),
  ('slider', 'Slider', 'Sets a number on a scale.'),
  ('menu', 'Menu', 'A list of commands or destinations.'),
  ('tab', 'Tab', 'Selects one of several panels.'),
  ('dialog', 'Dialog', 'A window above the page that asks for a response.'),
  ('banner', 'Banner', 'A notice across the page.'),
  ('card', 'Card', 'One item of a collection, shown as a unit.'),
  ('carousel', 'Carousel', 'Shows one of several items at a time.'),
  ('chart', 'Chart', 'A visualization of data.'),
  ('data_table', 'Data table', 'Rows and columns, often sortable.'),
  ('map', 'Map', 'A geographic map.'),
  ('image', 'Image', 'A picture.'),
  ('video', 'Video', 'A video player.'),
  ('audio', 'Audio', 'An audio player.');

insert into event_types (name, label, description) values
  ('viewed', 'Viewed', 'The widget came into view.'),
  ('clicked', 'Clicked', 'The widget was clicked, tapped or activated by keyboard.'),
  ('focused', 'Focused', 'The widget received the keyboard focus.'),
  ('changed', 'Changed', 'The value of the widget was changed.'),
  ('submitted', 'Submitted', 'The content of the widget was submitted.'),
  ('searched', 'Searched', 'A query was submitted.'),
  ('selected', 'Selected', 'An option of the widget was selected.'),
  ('opened', 'Opened', 'The widget was opened or expanded.'),
  ('closed', 'Closed', 'The widget was closed or collapsed.'),
  ('dismissed', 'Dismissed', 'The widget was closed without a response.'),
  ('scrolled', 'Scrolled', 'The content of the widget was scrolled.'),
  ('dragged', 'Dragged', 'The widget, or something in it, was dragged.'),
  ('played', 'Played', 'Playback started or resumed.'),
  ('paused', 'Paused', 'Playback was paused.'),
  ('completed', 'Completed', 'The task or the content of the widget was completed.'),
  ('failed', 'Failed', 'The requested action failed.');

insert into annotation_categories (name, label, description) values
  ('bug', 'Bug', 'Something does not work as intended.'),
  ('usability', 'Usability', 'Something is hard to understand or to use.'),
  ('accessibility', 'Accessibility', 'Something is a barrier for people with disabilities.'),
  ('performance', 'Performance', 'Something is slow.'),
  ('content', 'Content', 'A text or a picture is wrong, missing or out of date.'),
  ('idea', 'Idea', 'A suggestion for improvement.'),
  ('question', 'Question', 'Something that needs an answer.'),
  ('experiment', 'Experiment', 'Something that belongs to an A/B test.'),
  ('note', 'Note', 'Anything else worth recording.');
